-- Signatures whose value is made elsewhere: the document and the state between the two steps, kept
-- until the value comes. After that only the fact remains, so that it is taken once.
CREATE TABLE prepared_signature (
    organ        TEXT   NOT NULL REFERENCES organisation (organ),
    signature    TEXT   NOT NULL,
    document     BLOB   NOT NULL,
    state        BLOB   NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    completed_at BIGINT,
    PRIMARY KEY (organ, signature)
);
CREATE INDEX prepared_signature_expiry ON prepared_signature (expires_at);
