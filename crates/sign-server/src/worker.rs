//! Beside the requests: messages of the outbox are delivered, messages of the inbox worked on.
//!
//! Lease, call with the stored message id, record the result. A crash anywhere is repaired when the
//! lease runs out; the receiver absorbs the repeat (it answers the same receipt).

use crate::{
    app::{
        exchange,
        failure::Failure,
        flow::{self, Request},
        organisations,
    },
    secret,
    state::{Shared, State},
};
use circulation::{
    date::Instant, exchange::receipt::Receipt, id::MessageId, organ::OrganId, person::Actor,
    workflow::command::Command,
};
use circulation_store::{KIND_DOCUMENT, OutboxMessage, Store, Target};
use reqwest::{StatusCode, redirect::Policy};
use std::time::Duration;
use tokio::{sync::watch, task::JoinSet};

/// Messages of the inbox read at once.
const BATCH: u32 = 16;
/// Messages on their way at the same time: a slow receiver does not hold up the others.
const SENDING: usize = 16;
/// How long to sleep when nobody rings: retries fall due without a ring.
const NAP: Duration = Duration::from_millis(500);
/// Milliseconds.
const HOUR: i64 = 3_600_000;
/// A receipt is a few hundred bytes; a problem a few thousand.
const LARGEST_ANSWER: usize = 64 * 1024;

/// Works until told to stop, never stopping in the middle of a message.
pub async fn run(state: Shared, mut stopping: watch::Receiver<bool>) {
    let Some(client) = client(&state) else { return };
    let mut forgotten = None;
    let mut sending = JoinSet::new();
    while !*stopping.borrow() {
        forget_answers(&state, &mut forgotten).await;
        let worked = round(&state, &client, &stopping, &mut sending).await.unwrap_or_else(|failure| {
            tracing::warn!(code = %failure.code, "worker round failed");
            false
        });
        if worked {
            continue;
        }
        tokio::select! {
            () = state.wake.notified() => {}
            () = tokio::time::sleep(NAP) => {}
            Some(_) = sending.join_next() => {}
            // An error means that the server was dropped without a stop: nobody is left to work for.
            asked = stopping.changed() => if asked.is_err() { return },
        }
    }
    // Each ends by its own time limit.
    while sending.join_next().await.is_some() {}
}

/// Once an hour: answers kept for repeats (`Idempotency-Key`) are dropped after two days, and prepared
/// signatures two days after they expired.
async fn forget_answers(state: &Shared, last: &mut Option<Instant>) {
    let now = state.now();
    if last.is_some_and(|last| now.0 < last.0.saturating_add(HOUR)) {
        return;
    }
    *last = Some(now);
    let before = Instant(now.0.saturating_sub(48 * HOUR));
    // A failure is logged where it is made; the next hour tries again.
    let _ = state.store(move |store| Ok(store.forget_answers(before)?)).await;
    let _ = state.store(move |store| Ok(store.forget_prepared(before)?)).await;
}

/// No redirects: an address the operator typed must not lead to one he did not. No proxy either.
fn client(state: &State) -> Option<reqwest::Client> {
    let built = reqwest::Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .connect_timeout(Duration::from_secs(5))
        .timeout(state.config.delivery_timeout)
        .build();
    built.map_err(|error| tracing::error!(%error, "no HTTP client; nothing will be delivered")).ok()
}

/// One look at both boxes; true if there was something to do.
async fn round(
    state: &Shared,
    client: &reqwest::Client,
    stopping: &watch::Receiver<bool>,
    sending: &mut JoinSet<()>,
) -> Result<bool, Failure> {
    let received = read_inbox(state, stopping).await?;
    while sending.try_join_next().is_some() {}
    let free = u32::try_from(SENDING.saturating_sub(sending.len())).unwrap_or_default();
    if free == 0 || *stopping.borrow() {
        return Ok(received);
    }
    let now = state.now();
    // Longer than an attempt can take, so that nobody else sends it meanwhile.
    let lease = state.config.delivery_timeout + Duration::from_secs(5);
    let lease = i64::try_from(lease.as_millis()).unwrap_or(i64::MAX);
    let leased = state.store(move |store| Ok(store.lease_messages(now, lease, free)?)).await?;
    let worked = received || !leased.is_empty();
    for message in leased {
        let (state, client) = (state.clone(), client.clone());
        sending.spawn(async move {
            if let Err(failure) = deliver(&state, &client, message).await {
                // The lease runs out and it is sent again.
                tracing::warn!(code = %failure.code, "the result of a delivery could not be recorded");
            }
        });
    }
    Ok(worked)
}

async fn read_inbox(state: &Shared, stopping: &watch::Receiver<bool>) -> Result<bool, Failure> {
    let organs: Vec<OrganId> =
        state.store(|store| Ok(store.organisations()?.into_iter().map(|own| own.id).collect())).await?;
    let mut worked = false;
    for organ in organs {
        let of = organ.clone();
        let waiting = state.store(move |store| Ok(store.unprocessed_messages(&of, BATCH)?)).await?;
        for inbox in waiting {
            if *stopping.borrow() {
                return Ok(worked);
            }
            let (anchors, of, now) = (state.anchors.of(&organ)?, organ.clone(), state.now());
            let fetching = state.config.fetching();
            // One after the other, and mostly waiting for status services: it keeps no place for heavy work.
            let work = move |store: &circulation_store::Store| {
                exchange::work_on(store, &anchors, fetching.as_ref(), &of, &inbox, now)
            };
            state.store(work).await?;
            worked = true;
        }
    }
    Ok(worked)
}

/// What one attempt came to.
enum Attempt {
    /// The receiver took it and answered this receipt.
    Taken(Vec<u8>),
    /// The receiver will never take it.
    Refused(String),
    /// It may work later.
    Later(String),
}

async fn deliver(state: &Shared, client: &reqwest::Client, message: OutboxMessage) -> Result<(), Failure> {
    let attempt = match attempt(state, client, &message).await {
        Ok(attempt) => attempt,
        Err(failure) => Attempt::Later(failure.code),
    };
    let now = state.now();
    let retries = state.config.retries.clone();
    state
        .store(move |store| match attempt {
            Attempt::Taken(receipt) => record_receipt(store, &message, &receipt, now),
            Attempt::Refused(why) => give_up(store, &message, &why, now),
            Attempt::Later(why) => match pause(&retries, &message.message_id, message.attempt) {
                Some(pause) => {
                    tracing::info!(message = %message.message_id, attempt = message.attempt, why, "not delivered yet");
                    let again = Instant(now.0.saturating_add(pause));
                    store.message_failed(&message, again, &why)?;
                    Ok(())
                }
                None => give_up(store, &message, &why, now),
            },
        })
        .await
}

async fn attempt(
    state: &Shared,
    client: &reqwest::Client,
    message: &OutboxMessage,
) -> Result<Attempt, Failure> {
    let leased = message.clone();
    let (partner, body) = state
        .store(move |store| {
            let partner = store.partner(&leased.organ, &leased.destination)?;
            Ok((partner, store.blobs().get(leased.body, crate::app::documents::LARGEST_FILE)?))
        })
        .await?;
    let key = organisations::peer_key(state, &partner)?;
    let address = partner.organisation.exchange_url.unwrap_or_default();
    let sent = client
        .post(format!("{address}/v1/exchange/messages"))
        .bearer_auth(key.expose())
        .header("message-id", message.message_id.as_str())
        .header("content-type", "application/xml")
        .body(body)
        .send()
        .await;
    let mut response = match sent {
        Ok(response) => response,
        // Without the address: it is the operator's, and the log is not the place for it.
        Err(error) => return Ok(Attempt::Later(error.without_url().to_string())),
    };
    let status = response.status();
    let mut answer = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        answer.extend_from_slice(&chunk);
        if answer.len() > LARGEST_ANSWER {
            return Ok(Attempt::Later("the answer is too long".to_owned()));
        }
    }
    Ok(judge(status, answer))
}

fn judge(status: StatusCode, answer: Vec<u8>) -> Attempt {
    if status.is_success() {
        return Attempt::Taken(answer);
    }
    let problem: Option<serde_json::Value> = serde_json::from_slice(&answer).ok();
    let code = problem.as_ref().and_then(|p| p.get("code")?.as_str()).unwrap_or("-");
    let why = format!("{} {code}", status.as_u16());
    match status {
        // Our bytes are at fault; sending them again changes nothing.
        StatusCode::BAD_REQUEST
        | StatusCode::CONFLICT
        | StatusCode::PAYLOAD_TOO_LARGE
        | StatusCode::UNPROCESSABLE_ENTITY => Attempt::Refused(why),
        // A key, an address or a server that somebody can mend.
        _ => Attempt::Later(why),
    }
}

fn record_receipt(store: &Store, message: &OutboxMessage, bytes: &[u8], now: Instant) -> Result<(), Failure> {
    let receipt: Result<Receipt, _> = serde_json::from_slice(bytes);
    let honest = |receipt: &Receipt| {
        receipt.message == message.message_id && receipt.sha256.as_str() == message.body.to_hex()
    };
    let Some(receipt) = receipt.ok().filter(honest) else {
        return give_up(store, message, "the receipt is not about what was sent", now);
    };
    // The timeline first: a crash before the second line sends again, gets the same receipt, and the
    // workflow knows it already.
    if message.kind == KIND_DOCUMENT {
        command(store, message, &Command::RecordReceipt(receipt), now)?;
    }
    Ok(store.receipt_arrived(message, bytes, now)?)
}

fn give_up(store: &Store, message: &OutboxMessage, why: &str, now: Instant) -> Result<(), Failure> {
    tracing::warn!(message = %message.message_id, why, "delivery given up");
    if message.kind == KIND_DOCUMENT {
        let failed =
            Command::RecordDeliveryFailure { message: message.message_id.clone(), reason: why.to_owned() };
        command(store, message, &failed, now)?;
    }
    store.message_dead(message, why)?;
    Ok(())
}

fn command(store: &Store, message: &OutboxMessage, command: &Command, now: Instant) -> Result<(), Failure> {
    let actor = Actor::system(message.organ.clone());
    let request = Request {
        organ: &message.organ,
        target: Target::Existing(&message.dossier),
        actor: &actor,
        now,
        command,
        message: None,
    };
    flow::run(store, &request).map(|_| ())
}

/// Milliseconds until the next attempt, none after the last: the schedule and up to a fifth more,
/// the same for the same attempt of the same message, so that many messages do not come back at once.
fn pause(retries: &[Duration], message: &MessageId, attempt: i64) -> Option<i64> {
    let place = usize::try_from(attempt).ok()?.checked_sub(1)?;
    let base = i64::try_from(retries.get(place)?.as_millis()).ok()?;
    let digest = secret::sha256_hex(format!("{message} {attempt}").as_bytes());
    let part = i64::from_str_radix(digest.get(..4)?, 16).ok()?;
    Some(base.saturating_add(base.saturating_mul(part) / (5 * 0x1_0000)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_follow_the_schedule_with_a_little_more_and_end() {
        let retries = [5, 300].map(Duration::from_secs);
        let message: MessageId = "018f0c8e-7b1a-7cc0-8000-000000000001".parse().unwrap();
        let first = pause(&retries, &message, 1).unwrap();
        assert!((5_000..=6_000).contains(&first), "{first}");
        assert_eq!(pause(&retries, &message, 1), Some(first));
        assert!((300_000..=360_000).contains(&pause(&retries, &message, 2).unwrap()));
        assert_eq!(pause(&retries, &message, 3), None);
    }

    #[test]
    fn only_faults_of_our_own_bytes_end_a_delivery() {
        for (status, ends) in
            [(400, true), (409, true), (413, true), (422, true), (401, false), (404, false), (503, false)]
        {
            let attempt = judge(StatusCode::from_u16(status).unwrap(), b"{\"code\":\"x\"}".to_vec());
            assert_eq!(matches!(attempt, Attempt::Refused(_)), ends, "{status}");
        }
    }
}
