//! `/v2/_catalog`: the repositories.

use axum::response::Response;
use chartroom_catalog::Page;
use chartroom_oci::RepositoryName;
use serde::Serialize;

use super::{json, next_page, with_link};
use crate::Error;
use crate::gate::Visitor;
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
pub(crate) async fn list(shared: &Shared, request: &Parts, visitor: &Visitor) -> Result<Response, Error> {
    let query = Query::parse(request.uri.query())?;
    let limit = query.page_size(PAGE)?;
    let page = visible(shared, Listed::Repositories, visitor, query.get("last"), limit).await?;
    let link = match page.items.last() {
        Some(last) if page.more => {
            Some(next_page("/v2/_catalog", &[("n", &limit.to_string()), ("last", last.as_str())])?)
        }
        _ => None,
    };
    Ok(with_link(json(&Body { repositories: page.items })?, link))
}

/// Which repositories a listing has.
#[derive(Clone, Copy)]
pub(crate) enum Listed {
    /// Those that hold something.
    Repositories,
    /// Those that hold a chart.
    Charts,
}

/// A page of those repositories that a caller sees: as many pages of all are read as it takes. What is
/// hidden leaves no trace, not even as the place where a page ends.
pub(crate) async fn visible(
    shared: &Shared,
    listed: Listed,
    visitor: &Visitor,
    after: Option<&str>,
    limit: usize,
) -> Result<Page<RepositoryName>, Error> {
    if !visitor.is_guarded() {
        return read(shared, listed, after, limit).await;
    }
    let mut items = Vec::new();
    let mut after = after.map(str::to_owned);
    loop {
        let page = read(shared, listed, after.as_deref(), PAGE).await?;
        after = page.items.last().map(|last| last.as_str().to_owned());
        // One more than wanted tells whether more follows.
        let wanted = limit.saturating_add(1) - items.len();
        items.extend(page.items.into_iter().filter(|repository| visitor.sees(repository)).take(wanted));
        if items.len() > limit || !page.more {
            let more = items.len() > limit;
            items.truncate(limit);
            return Ok(Page { items, more });
        }
    }
}

async fn read(
    shared: &Shared,
    listed: Listed,
    after: Option<&str>,
    limit: usize,
) -> Result<Page<RepositoryName>, Error> {
    Ok(match listed {
        Listed::Repositories => shared.catalog.repositories(after, limit).await?,
        Listed::Charts => shared.catalog.chart_repositories(after, limit).await?,
    })
}
