//! `/openapi.json`: the hand-kept description of this API.

use super::Route;
use axum::{http::header, response::IntoResponse};

/// The description, OpenAPI 3.1.
pub const DESCRIPTION: &str = include_str!("openapi.json");

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/openapi.json", description)]
}

async fn description() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], DESCRIPTION)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn lists_every_route_and_nothing_else() {
        let description: serde_json::Value = serde_json::from_str(DESCRIPTION).unwrap();
        let described: BTreeSet<String> = description["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, methods)| {
                let methods = methods.as_object().unwrap().keys().filter(|key| *key != "parameters");
                methods.map(move |method| format!("{} {path}", method.to_uppercase()))
            })
            .collect();
        let served: BTreeSet<String> =
            super::super::routes().iter().map(|route| format!("{} {}", route.method, route.path)).collect();
        assert_eq!(described, served);
    }
}
