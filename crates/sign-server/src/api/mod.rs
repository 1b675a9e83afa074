//! HTTP: parse, authorise, answer. What happens is decided in `app`.
//!
//! One file per resource, each with its own table of routes. The tables together are the router, and
//! a test holds them against `openapi.json` both ways.

mod api_keys;
mod certificates;
mod deliveries;
mod documents;
mod exchange;
mod extend;
mod health;
mod input;
mod keys;
pub mod once;
pub mod openapi;
mod organisations;
mod people;
mod registers;
mod sign;
mod trust;
mod verify;

use crate::{
    app::failure::{Failure, Kind},
    state::Shared,
};
use axum::{Router, http::Method, routing::MethodRouter};

/// One address and method.
pub struct Route {
    /// Method.
    pub method: Method,
    /// Path with `{parameters}`, spelt as in OpenAPI.
    pub path: &'static str,
    handler: MethodRouter<Shared>,
}

impl Route {
    fn get<H, T>(path: &'static str, handler: H) -> Self
    where
        H: axum::handler::Handler<T, Shared>,
        T: 'static,
    {
        Self { method: Method::GET, path, handler: axum::routing::get(handler) }
    }

    fn post<H, T>(path: &'static str, handler: H) -> Self
    where
        H: axum::handler::Handler<T, Shared>,
        T: 'static,
    {
        Self { method: Method::POST, path, handler: axum::routing::post(handler) }
    }
}

/// Every route of the server.
pub fn routes() -> Vec<Route> {
    [
        health::routes(),
        openapi::routes(),
        verify::routes(),
        sign::routes(),
        extend::routes(),
        documents::routes(),
        registers::routes(),
        deliveries::routes(),
        exchange::routes(),
        organisations::routes(),
        people::routes(),
        api_keys::routes(),
        certificates::routes(),
        keys::routes(),
        trust::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The router without its outer layers.
pub fn router() -> Router<Shared> {
    routes()
        .into_iter()
        .fold(Router::new(), |router, route| router.route(route.path, route.handler))
        .fallback(async || Failure::new(Kind::NotFound, "no_such_route", ""))
        // Holds for the routes added before it.
        .method_not_allowed_fallback(async || Failure::new(Kind::MethodNotAllowed, "method_not_allowed", ""))
}
