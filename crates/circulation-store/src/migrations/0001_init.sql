-- The first schema. What SQLite and PostgreSQL both read: ids are text, times BIGINT milliseconds
-- since 1970 UTC, truth values BIGINT 0 or 1, bytes BLOB (PostgreSQL: CREATE DOMAIN blob AS bytea).
-- The owning organisation stands first in every key, so that tables can be spread by organisation.

-- Organisations this store keeps books for.
CREATE TABLE organisation (
    organ       TEXT   NOT NULL PRIMARY KEY,
    body        TEXT   NOT NULL,
    created_at  BIGINT NOT NULL
);

-- The directory of an organisation: whom it can write to, and how to be let in there.
CREATE TABLE partner (
    organ       TEXT   NOT NULL REFERENCES organisation (organ),
    partner     TEXT   NOT NULL,
    body        TEXT   NOT NULL,
    credential  BLOB,
    updated_at  BIGINT NOT NULL,
    PRIMARY KEY (organ, partner)
);

CREATE TABLE person (
    organ       TEXT   NOT NULL REFERENCES organisation (organ),
    person      TEXT   NOT NULL,
    body        TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (organ, person)
);

-- Who holds which certificate; person NULL is the organisation itself (its seal).
CREATE TABLE certificate (
    organ       TEXT   NOT NULL REFERENCES organisation (organ),
    sha256      TEXT   NOT NULL,
    person      TEXT,
    body        TEXT   NOT NULL,
    der         BLOB   NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (organ, sha256),
    FOREIGN KEY (organ, person) REFERENCES person (organ, person)
);

-- Private keys as the server encrypted them; the PIN that opens one is never here.
CREATE TABLE signing_key (
    organ       TEXT   NOT NULL REFERENCES organisation (organ),
    signing_key TEXT   NOT NULL,
    certificate TEXT   NOT NULL,
    protected   BLOB   NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (organ, signing_key),
    FOREIGN KEY (organ, certificate) REFERENCES certificate (organ, sha256)
);

-- The issuers above the certificate of a key, nearest first.
CREATE TABLE signing_key_issuer (
    organ       TEXT   NOT NULL,
    signing_key TEXT   NOT NULL,
    position    BIGINT NOT NULL,
    der         BLOB   NOT NULL,
    PRIMARY KEY (organ, signing_key, position),
    FOREIGN KEY (organ, signing_key) REFERENCES signing_key (organ, signing_key)
);

-- subject: the person, or the partner organisation, that the key speaks for.
CREATE TABLE api_key (
    organ       TEXT   NOT NULL REFERENCES organisation (organ),
    api_key     TEXT   NOT NULL,
    hash        TEXT   NOT NULL,
    role        TEXT   NOT NULL,
    subject     TEXT,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT,
    revoked_at  BIGINT,
    PRIMARY KEY (organ, api_key)
);
CREATE UNIQUE INDEX api_key_hash ON api_key (hash);

-- The current picture of a document, outgoing or incoming; its history is in event.
-- subject, code (number and symbol) and document_id (of edXML) repeat parts of body for lists.
CREATE TABLE dossier (
    organ       TEXT   NOT NULL REFERENCES organisation (organ),
    dossier     TEXT   NOT NULL,
    direction   TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    version     BIGINT NOT NULL,
    subject     TEXT   NOT NULL,
    code        TEXT,
    document_id TEXT,
    body        TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    PRIMARY KEY (organ, dossier)
);
CREATE INDEX dossier_state ON dossier (organ, direction, state, dossier);
CREATE INDEX dossier_document_id ON dossier (organ, direction, document_id);

CREATE TABLE event (
    organ       TEXT   NOT NULL,
    dossier     TEXT   NOT NULL,
    sequence    BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    kind        TEXT   NOT NULL,
    actor       TEXT   NOT NULL,
    body        TEXT   NOT NULL,
    PRIMARY KEY (organ, dossier, sequence),
    FOREIGN KEY (organ, dossier) REFERENCES dossier (organ, dossier)
);

-- Every blob a dossier ever held: what it may read, and what must not be collected.
CREATE TABLE dossier_blob (
    organ       TEXT   NOT NULL,
    dossier     TEXT   NOT NULL,
    hash        TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (organ, dossier, hash),
    FOREIGN KEY (organ, dossier) REFERENCES dossier (organ, dossier)
);

-- last_number: the number given last, 0 if none; last_date: the day it was given, as YYYY-MM-DD.
CREATE TABLE register (
    organ       TEXT   NOT NULL REFERENCES organisation (organ),
    year        BIGINT NOT NULL,
    register    TEXT   NOT NULL,
    sequence    TEXT   NOT NULL,
    last_number BIGINT NOT NULL,
    last_date   TEXT,
    PRIMARY KEY (organ, year, register, sequence)
);

-- One line of a register; body holds the ten columns of ND 30/2020, appendix IV, and is NULL while
-- the number is given but its document not yet issued.
CREATE TABLE register_entry (
    organ       TEXT   NOT NULL,
    year        BIGINT NOT NULL,
    register    TEXT   NOT NULL,
    sequence    TEXT   NOT NULL,
    number      BIGINT NOT NULL,
    dossier     TEXT   NOT NULL,
    body        TEXT,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    PRIMARY KEY (organ, year, register, sequence, number),
    UNIQUE (organ, dossier, register),
    FOREIGN KEY (organ, year, register, sequence)
        REFERENCES register (organ, year, register, sequence),
    FOREIGN KEY (organ, dossier) REFERENCES dossier (organ, dossier)
);

-- What must be sent. attempts counts leases and tells one lease from the next.
CREATE TABLE outbox (
    organ       TEXT   NOT NULL REFERENCES organisation (organ),
    message_id  TEXT   NOT NULL,
    dossier     TEXT   NOT NULL,
    destination TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    body_hash   TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    attempts    BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    last_error  TEXT,
    created_at  BIGINT NOT NULL,
    done_at     BIGINT,
    PRIMARY KEY (organ, message_id),
    FOREIGN KEY (organ, dossier) REFERENCES dossier (organ, dossier)
);
CREATE INDEX outbox_due ON outbox (state, due_at);

-- Every message accepted, once, with the receipt it was answered by.
CREATE TABLE inbox (
    organ       TEXT   NOT NULL REFERENCES organisation (organ),
    message_id  TEXT   NOT NULL,
    sender      TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    body_hash   TEXT   NOT NULL,
    receipt     BLOB   NOT NULL,
    state       TEXT   NOT NULL,
    dossier     TEXT,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (organ, message_id)
);
CREATE INDEX inbox_state ON inbox (organ, state, received_at);

-- Receipts that came back for messages of the outbox.
CREATE TABLE receipt (
    organ       TEXT   NOT NULL,
    message_id  TEXT   NOT NULL,
    body        BLOB   NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (organ, message_id),
    FOREIGN KEY (organ, message_id) REFERENCES outbox (organ, message_id)
);

-- One document on its way to one recipient, known by the message that carries it.
CREATE TABLE delivery (
    organ       TEXT   NOT NULL,
    message_id  TEXT   NOT NULL,
    dossier     TEXT   NOT NULL,
    recipient   TEXT   NOT NULL,
    transport   TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    PRIMARY KEY (organ, message_id),
    UNIQUE (organ, dossier, recipient),
    FOREIGN KEY (organ, message_id) REFERENCES outbox (organ, message_id)
);

CREATE TABLE delivery_status (
    organ       TEXT   NOT NULL,
    message_id  TEXT   NOT NULL,
    status      TEXT   NOT NULL,
    at          BIGINT NOT NULL,
    description TEXT   NOT NULL,
    staff       TEXT   NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (organ, message_id, status),
    FOREIGN KEY (organ, message_id) REFERENCES delivery (organ, message_id)
);

-- Requests already answered, so that a repeat has no second effect.
CREATE TABLE idempotency (
    organ       TEXT   NOT NULL REFERENCES organisation (organ),
    api_key     TEXT   NOT NULL,
    request_key TEXT   NOT NULL,
    fingerprint TEXT   NOT NULL,
    status      BIGINT NOT NULL,
    body        BLOB   NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (organ, api_key, request_key)
);

-- The audit chain: hash = SHA-256(previous || body). One chain a store, in order of sequence.
CREATE TABLE audit (
    organ       TEXT   NOT NULL,
    sequence    BIGINT NOT NULL,
    body        TEXT   NOT NULL,
    previous    TEXT   NOT NULL,
    hash        TEXT   NOT NULL,
    PRIMARY KEY (organ, sequence),
    UNIQUE (sequence)
);

-- The end of the chain: one row.
CREATE TABLE audit_head (
    chain       TEXT   NOT NULL PRIMARY KEY,
    size        BIGINT NOT NULL,
    hash        TEXT   NOT NULL
);
INSERT INTO audit_head (chain, size, hash)
VALUES ('store', 0, '0000000000000000000000000000000000000000000000000000000000000000');
