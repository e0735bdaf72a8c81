//! `/v2/_catalog`: the repositories.

use axum::response::Response;
use chartroom_oci::RepositoryName;
use serde::Serialize;

use super::{json, next_page, with_link};
use crate::Error;
use crate::query::Query;
use crate::registry::Shared;
use http::request::Parts;

/// The most repositories on one page, and how many there are unless asked otherwise.
const PAGE: usize = 10_000;

#[derive(Serialize)]
struct Body {
    repositories: Vec<RepositoryName>,
}

/// `GET`: the repositories that hold something, in byte order.
pub(crate) async fn list(shared: &Shared, request: &Parts) -> Result<Response, Error> {
    let query = Query::parse(request.uri.query())?;
    let limit = query.page_size(PAGE)?;
    let page = shared.catalog.repositories(query.get("last"), limit).await?;
    let link = match page.items.last() {
        Some(last) if page.more => {
            Some(next_page("/v2/_catalog", &[("n", &limit.to_string()), ("last", last.as_str())])?)
        }
        _ => None,
    };
    Ok(with_link(json(&Body { repositories: page.items })?, link))
}
