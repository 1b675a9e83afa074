//! Each organisation sees its own, and what it stored comes back as it was.

use circulation::certificate::{CertificateRecord, Holder, SignerClass};
use circulation::person::{Person, Role};
use circulation::register::RegisterKind;
use circulation_store::{ApiKey, DossierPage, Hash, Partner, RegisterPage, SigningKey, Store, Target};

use crate::world::{NOW, act, dispatch, here, is_not_found, later, message_id, organisation, sha256, there};

pub(crate) fn nothing_of_another_organisation_is_found(store: &Store) {
    let (id, message) = dispatch(store, 1);
    let stranger = there();
    is_not_found(store.dossier(&stranger, &id));
    is_not_found(store.timeline(&stranger, &id));
    is_not_found(store.delivery(&stranger, &message));
    is_not_found(store.partner(&stranger, &here()));
    let error = act(store, &stranger, Target::Existing(&id), |_| panic!("asked")).unwrap_err();
    assert_eq!(error.code(), "not_found");
    let all = DossierPage { count: 100, ..DossierPage::default() };
    assert!(store.dossiers(&stranger, all).unwrap().is_empty());
    assert!(store.deliveries(&stranger, &id).unwrap().is_empty());
    let page = RegisterPage { year: 2024, sequence: None, after: None, count: 100 };
    assert!(store.outgoing_register(&stranger, page).unwrap().is_empty());
    assert!(!store.dossier_has_blob(&stranger, &id, Hash::of(b"draft")).unwrap());
    assert_eq!(store.receipt(&stranger, &message_id(1)).unwrap(), None);
    assert_eq!(store.outbox_count(&stranger).unwrap().pending, 0);
    assert!(store.audit_leaves(&stranger, 0, 100).unwrap().is_empty());
    let find = |organ| {
        let document_id = "H40.01,2024/03/08,1/SNV-VP";
        store.dossier_by_document_id(organ, RegisterKind::Outgoing, document_id).unwrap()
    };
    assert_eq!((find(&here()), find(&stranger)), (Some(id), None));
}

pub(crate) fn keys_and_certificates_come_back_as_stored(store: &Store) {
    let person = Person {
        id: "leader-1".parse().unwrap(),
        organisation: here(),
        full_name: "Trần Văn Bình".to_owned(),
        title: Some("Giám đốc".to_owned()),
        email: None,
        unit: None,
        roles: vec![Role::Leader],
        active: true,
    };
    store.put_person(&person, NOW).unwrap();
    let der = b"a certificate".to_vec();
    let record = CertificateRecord {
        sha256: sha256(Hash::of(&der)),
        organisation: here(),
        holder: Holder::Person { person: person.id.clone() },
        subject: "CN=Trần Văn Bình".to_owned(),
        class: SignerClass::Personal,
        not_before: NOW,
        not_after: later(1),
        withdrawn: false,
    };
    let error = store.put_certificate(&record, b"another", NOW).unwrap_err();
    assert_eq!(error.code(), "conflict");
    store.put_certificate(&record, &der, NOW).unwrap();
    let withdrawn = CertificateRecord { withdrawn: true, ..record.clone() };
    store.put_certificate(&withdrawn, &der, NOW).unwrap();
    let key = SigningKey {
        organ: here(),
        key: "key-1".to_owned(),
        certificate: record.sha256.clone(),
        protected: vec![1, 2, 3],
        issuers: vec![b"issuing".to_vec(), b"root".to_vec()],
        created_at: NOW,
    };
    store.add_key(&key).unwrap();
    let partner = Partner {
        organ: here(),
        organisation: organisation(&there()),
        credential: Some(vec![9]),
        updated_at: NOW,
    };
    store.put_partner(&partner).unwrap();

    assert_eq!(store.organisation(&here()).unwrap(), organisation(&here()));
    assert_eq!(store.organisations().unwrap().len(), 2);
    assert_eq!(store.person(&here(), &person.id).unwrap(), person);
    assert_eq!(store.people(&here()).unwrap(), [person]);
    assert_eq!(store.certificate(&here(), &record.sha256).unwrap(), withdrawn);
    assert_eq!(store.certificates(&here()).unwrap(), [withdrawn]);
    assert_eq!(store.certificate_der(&here(), &record.sha256).unwrap(), der);
    assert_eq!(store.key(&here(), "key-1").unwrap(), key);
    assert_eq!(store.keys(&here()).unwrap(), [key]);
    assert_eq!(store.partners(&here()).unwrap(), [partner]);
    is_not_found(store.key(&there(), "key-1"));
    is_not_found(store.certificate(&there(), &record.sha256));
    is_not_found(store.certificate_der(&there(), &record.sha256));
    assert!(store.people(&there()).unwrap().is_empty());
    let shown = format!("{:?}", store.keys(&here()).unwrap());
    assert!(!shown.contains("[1, 2, 3]"), "{shown}");
}

pub(crate) fn a_revoked_or_expired_key_opens_nothing(store: &Store) {
    let key = |id: &str, expires_at| ApiKey {
        organ: here(),
        api_key: id.to_owned(),
        hash: Hash::of(id.as_bytes()),
        role: "clerk".to_owned(),
        subject: None,
        created_at: NOW,
        expires_at,
        revoked_at: None,
    };
    store.add_api_key(&key("lasting", None)).unwrap();
    store.add_api_key(&key("short", Some(later(10)))).unwrap();
    let mut taken = key("copy", None);
    taken.hash = Hash::of(b"lasting");
    assert_eq!(store.add_api_key(&taken).unwrap_err().code(), "conflict");

    let opens = |secret: &str, at| store.api_key_by_hash(Hash::of(secret.as_bytes()), at).unwrap();
    assert_eq!(opens("lasting", NOW), Some(key("lasting", None)));
    assert!(opens("short", later(9)).is_some());
    assert!(opens("short", later(10)).is_none());
    assert!(opens("unknown", NOW).is_none());
    is_not_found(store.revoke_api_key(&there(), "lasting", NOW));
    store.revoke_api_key(&here(), "lasting", NOW).unwrap();
    assert!(opens("lasting", NOW).is_none());
    assert_eq!(store.api_keys(&here()).unwrap().len(), 2);
}
