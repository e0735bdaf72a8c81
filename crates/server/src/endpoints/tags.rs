//! `/v2/<name>/tags/list`.

use axum::response::Response;
use chartroom_oci::{RepositoryName, Tag};
use serde::Serialize;

use super::{next_page, to_json, whole, with_link};
use crate::Error;
use crate::hot::{HotList, ListKey, fresh};
use crate::query::Query;
use crate::registry::Shared;
use http::request::Parts;

/// The most tags on one page, and how many there are unless asked otherwise: some clients
/// never ask for a second page.
pub(crate) const PAGE: usize = 10_000;

#[derive(Serialize)]
struct Body<'a> {
    name: &'a RepositoryName,
    tags: &'a [Tag],
}

/// `GET`: the tags in byte order.
pub(crate) async fn list(
    shared: &Shared,
    repository: RepositoryName,
    request: &Parts,
) -> Result<Response, Error> {
    let query = Query::parse(request.uri.query())?;
    let limit = query.page_size(PAGE)?;
    let key = ListKey { repository, after: query.get("last").map(Into::into), limit };
    let epoch = shared.catalog.epoch(&key.repository).await?;
    let list = match fresh(&shared.hot.tags, &key, epoch) {
        Some(list) => list,
        None => {
            let list = read(shared, &key).await?;
            shared.hot.tags.insert(key, (epoch, list.clone()));
            list
        }
    };
    Ok(with_link(whole(super::JSON, list.body), list.link))
}

async fn read(shared: &Shared, key: &ListKey) -> Result<HotList, Error> {
    let page = shared.catalog.tags(&key.repository, key.after.as_deref(), key.limit).await?;
    let page = page.ok_or_else(|| Error::RepositoryUnknown(key.repository.clone()))?;
    let link = match page.items.last() {
        Some(last) if page.more => {
            let path = format!("/v2/{}/tags/list", key.repository);
            Some(next_page(&path, &[("n", &key.limit.to_string()), ("last", last.as_str())])?)
        }
        _ => None,
    };
    Ok(HotList { body: to_json(&Body { name: &key.repository, tags: &page.items })?, link })
}
