//! What every backend of the store must do. The cases are functions over `&Store`, so that a second
//! backend runs the same ones; here each gets a fresh directory.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod books;
mod commands;
mod exchange;
mod prepared;
mod tenants;
mod world;

macro_rules! cases {
    ($($module:ident::$case:ident,)*) => {
        $(
            #[test]
            fn $case() {
                let directory = tempfile::tempdir().unwrap();
                let store = circulation_store::Store::open(directory.path()).unwrap();
                world::furnish(&store);
                $module::$case(&store);
            }
        )*
    };
}

cases! {
    commands::a_command_writes_dossier_events_and_leaves_together,
    commands::a_refusal_leaves_nothing,
    commands::a_panic_in_the_middle_leaves_nothing,
    commands::a_failing_second_event_takes_the_first_with_it,
    commands::an_id_is_begun_once,
    commands::a_repeated_request_gets_its_first_answer_and_has_one_effect,
    commands::a_request_key_used_for_another_request_is_a_conflict,
    commands::lists_turn_pages_from_the_newest,
    commands::the_chain_names_what_was_altered,
    books::two_hundred_requests_at_once_get_one_to_two_hundred,
    books::a_number_that_is_not_the_next_is_a_conflict,
    books::a_refused_number_is_given_to_the_next_document,
    books::each_year_and_book_starts_at_one,
    books::incoming_documents_have_a_book_of_their_own,
    books::a_line_stands_reserved_until_issued,
    exchange::a_message_is_leased_to_one_worker_at_a_time,
    exchange::a_lost_worker_s_message_is_leased_again,
    exchange::a_late_worker_cannot_undo_the_next_one,
    exchange::a_failed_message_waits_for_its_next_attempt,
    exchange::a_message_without_body_is_not_queued,
    exchange::a_repeated_message_gets_the_same_receipt,
    exchange::a_message_id_with_another_body_is_a_conflict,
    exchange::concurrent_repeats_are_accepted_once,
    exchange::an_accepted_message_is_worked_on_once,
    exchange::a_receipt_ends_a_delivery_and_stays,
    exchange::a_receipt_and_its_event_are_one,
    exchange::giving_up_and_its_event_are_one,
    exchange::a_status_is_recorded_once,
    prepared::a_prepared_signature_is_completed_once_by_its_organisation,
    tenants::nothing_of_another_organisation_is_found,
    tenants::keys_and_certificates_come_back_as_stored,
    tenants::a_revoked_or_expired_key_opens_nothing,
}
