//! Whatever is asked in whatever order: numbers have no gap and no twin, states follow the picture.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::workflow::state::OutgoingState;

const DAY_MS: i64 = 86_400_000;

/// Every command of the flow, with files that fit whatever the document is now.
fn command(dossier: &Dossier, choice: usize) -> (Actor, Command) {
    let current = dossier.outgoing().and_then(|d| d.main_file()).map(|f| f.sha256.clone());
    let before = current.unwrap_or_else(|| digest('1'));
    let reason = || "lý do".to_owned();
    match choice {
        0 => (drafter(), create()),
        1 => (drafter(), Command::Edit { metadata: metadata(), files: vec![file('1')] }),
        2 => (drafter(), Command::Freeze { before, file: file('2') }),
        3 => (leader(), Command::RecordLeaderSignature(SignedFile { before, ..leader_signed('2', '3') })),
        4 => (leader(), Command::ReturnToDrafter { reason: reason() }),
        5 => (clerk(), Command::AssignNumber { requested: None, date: None }),
        6 => (clerk(), Command::RecordSeal(SignedFile { before, ..sealed('3', '4') })),
        7 => (clerk(), Command::Issue { note: String::new() }),
        8 => (clerk(), Command::Dispatch { messages: vec![message("m1")] }),
        9 => (clerk(), Command::Cancel { reason: reason() }),
        _ => (clerk(), Command::AssignNumber { requested: Some(3), date: None }),
    }
}

fn state_of(dossier: &Dossier) -> Option<OutgoingState> {
    dossier.outgoing().map(|document| document.state)
}

proptest! {
    #[test]
    fn interleaved_documents_get_consecutive_numbers_each_year(
        steps in prop::collection::vec((0usize..6, 0usize..11, 0i64..40), 1..400)
    ) {
        let mut office = Office::new();
        let mut dossiers: Vec<Dossier> = (0..6).map(|_| empty()).collect();
        let mut books: BTreeMap<RegisterKey, RegisterFacts> = BTreeMap::new();
        let mut given: BTreeMap<RegisterKey, Vec<u32>> = BTreeMap::new();
        for (which, choice, days) in steps {
            office.now = Instant(office.now.0 + days * DAY_MS);
            for record in &mut office.certificates {
                record.not_after = Instant(i64::MAX);
            }
            let year = Date::in_vietnam(office.now).year();
            let key =
                RegisterKey::outgoing(&office.us.id, year, SequencePolicy::Common, DocumentType::CongVan);
            let facts = books.entry(key.clone()).or_insert_with(|| RegisterFacts::empty(key));
            office.register = Some(facts.clone());

            let dossier = &mut dossiers[which];
            let was = state_of(dossier);
            let (who, command) = command(dossier, choice);
            let copy = dossier.clone();
            let Ok(events) = office.run(dossier, &who, &command) else {
                prop_assert_eq!(&*dossier, &copy, "a refusal changes nothing");
                continue;
            };
            let now = state_of(dossier).unwrap();
            let legal = match was {
                None => now == OutgoingState::Draft,
                Some(was) => was.may_become(now) || (was == now && was == OutgoingState::Draft),
            };
            prop_assert!(legal, "{was:?} -> {now:?}");
            for event in &events {
                if let Event::NumberAssigned { register, number, date } = event {
                    given.entry(register.clone()).or_default().push(number.number);
                    facts.last_number = number.number;
                    facts.last_date = Some(*date);
                }
            }
            if matches!(now, OutgoingState::Dispatched | OutgoingState::Cancelled) {
                *dossier = empty();
            }
        }
        for numbers in given.values() {
            let wanted: Vec<u32> = (1..).take(numbers.len()).collect();
            prop_assert_eq!(numbers, &wanted);
        }
    }

    #[test]
    fn incoming_numbers_are_consecutive_whatever_is_rejected(
        fates in prop::collection::vec(prop::sample::select(vec!["register", "reject", "wait"]), 1..60)
    ) {
        let mut office = Office::new();
        let mut numbers = Vec::new();
        for fate in fates {
            office.incoming_register(u32::try_from(numbers.len()).unwrap());
            let mut dossier = empty();
            office.run(&mut dossier, &system(), &Command::Receive(Box::new(arrival()))).unwrap();
            let status_message = message("s");
            let command = match fate {
                "register" => Command::Register {
                    assigned_to: String::new(), note: String::new(), status_message,
                },
                "reject" => Command::Reject { reason: "gửi nhầm".to_owned(), status_message },
                _ => continue,
            };
            office.run(&mut dossier, &clerk(), &command).unwrap();
            numbers.extend(dossier.incoming().unwrap().number);
        }
        let wanted: Vec<u32> = (1..).take(numbers.len()).collect();
        prop_assert_eq!(numbers, wanted);
    }
}
