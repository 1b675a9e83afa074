//! Deliveries of outgoing documents: where each one is and what its recipient reported.

use super::{documents, failure::Failure};
use crate::state::State;
use circulation::{
    id::{DossierId, MessageId},
    organ::OrganId,
    workflow::state::Delivery,
};
use serde::{Deserialize, Serialize};

/// Of which document.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Of {
    /// The document.
    pub document: DossierId,
}

/// One delivery.
#[derive(Debug, Serialize)]
pub struct DeliveryView {
    /// The document.
    document: DossierId,
    /// The delivery.
    #[serde(flatten)]
    delivery: Delivery,
}

/// All deliveries of a document.
///
/// # Errors
/// `not_found`.
pub async fn of_document(state: &State, organ: OrganId, of: Of) -> Result<Vec<DeliveryView>, Failure> {
    let document = documents::read(state, organ, of.document).await?.dossier;
    let deliveries = document.outgoing().map(|outgoing| outgoing.deliveries.clone()).unwrap_or_default();
    Ok(deliveries
        .into_iter()
        .map(|delivery| DeliveryView { document: document.id.clone(), delivery })
        .collect())
}

/// One delivery by its message.
///
/// # Errors
/// `not_found`.
pub async fn read(state: &State, organ: OrganId, message: MessageId) -> Result<DeliveryView, Failure> {
    state
        .store(move |store| {
            let row = store.delivery(&organ, &message)?;
            let dossier = store.dossier(&organ, &row.dossier)?;
            let found = dossier.outgoing().and_then(|outgoing| outgoing.delivery(&message)).cloned();
            let delivery = found.ok_or_else(|| Failure::not_found("delivery"))?;
            Ok(DeliveryView { document: row.dossier, delivery })
        })
        .await
}
