//! Tags: repositories with many of them, and reading them as clients do.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::figures::{Measurement, percentile};
use super::load::Ask;
use super::push::{self, Tags};
use super::servers::Server;
use super::wire::{self, Body, Connection};

pub(super) const SOME: Tags = Tags { repository: "tags/some", numbers: 0..1_000 };
pub(super) const MANY: Tags = Tags { repository: "tags/many", numbers: 0..100_000 };

/// A request for tags, after having checked that its answer has so many of
/// them: then all further answers must be the same.
pub(super) async fn ask(server: &Server, tags: &Tags, query: &str, count: usize) -> Result<Vec<Ask>> {
    let target = format!("{}{query}", target(tags));
    let mut connection = Connection::open(server.address).await?;
    let (body, _) = page(&mut connection, server, &target).await?;
    let mut found = tags_in(&body)?;
    if count == tags.numbers.len() {
        check_all(&mut found, tags)?;
    } else if found.len() != count {
        bail!("{target} gave {} tags instead of {count}", found.len());
    }
    let request = wire::request("GET", &target, server.address, &[]);
    Ok(vec![Ask { request, head: false, body: Arc::new(body) }])
}

/// Reads all pages, again and again; with a change of one tag before each
/// time, which no kept answer survives, if that is wanted.
pub(super) async fn whole(server: &Server, tags: &Tags, change: bool, time: Duration) -> Result<Measurement> {
    let mut connection = Connection::open(server.address).await?;
    let started = Instant::now();
    let mut times = Vec::new();
    while times.is_empty() || started.elapsed() < time {
        if change {
            push::repoint(&mut connection, server.address, tags).await?;
        }
        let begun = Instant::now();
        let mut pages = Vec::new();
        let mut next = Some(target(tags));
        while let Some(target) = next {
            let (body, link) = page(&mut connection, server, &target).await?;
            pages.push(body);
            next = link;
        }
        times.push(begun.elapsed());
        // Understanding them is not a part of it.
        let mut found = Vec::new();
        for page in &pages {
            found.extend(tags_in(page)?);
        }
        check_all(&mut found, tags)?;
    }
    times.sort_unstable();
    Ok((percentile(&times, 0.5).as_secs_f64() * 1000.0).into())
}

fn target(tags: &Tags) -> String {
    format!("/v2/{}/tags/list", tags.repository)
}

/// The body of a page of tags, and where the next page is.
async fn page(
    connection: &mut Connection,
    server: &Server,
    target: &str,
) -> Result<(Vec<u8>, Option<String>)> {
    connection.send(&wire::request("GET", target, server.address, &[]), &[]).await?;
    let mut body = Vec::new();
    let (response, _) = connection.receive(Body::Collect(&mut body)).await?;
    if response.status != 200 {
        bail!("GET {target} was answered {}", response.status);
    }
    let next = response.link.as_deref().map(next_target).transpose()?;
    Ok((body, next))
}

/// `</v2/…>; rel="next"`
fn next_target(link: &str) -> Result<String> {
    let url = link.strip_prefix('<').and_then(|rest| rest.split_once('>'));
    let (url, _) = url.with_context(|| format!("not a Link: {link}"))?;
    Ok(wire::target(url).to_owned())
}

fn tags_in(page: &[u8]) -> Result<Vec<String>> {
    let page: serde_json::Value = serde_json::from_slice(page).context("a tag list that is not JSON")?;
    let tags = page["tags"].as_array().context("a tag list without tags")?;
    Ok(tags.iter().filter_map(|tag| tag.as_str().map(str::to_owned)).collect())
}

fn check_all(found: &mut [String], tags: &Tags) -> Result<()> {
    let mut wanted: Vec<_> = tags.numbers.clone().map(push::tag).collect();
    wanted.sort_unstable();
    found.sort_unstable();
    if found != wanted {
        let (found, wanted) = (found.len(), wanted.len());
        bail!("the tags of {} are not those that were pushed: {found} of {wanted}", tags.repository);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_gives_the_next_request() -> Result<()> {
        assert_eq!(next_target("</v2/a/tags/list?n=2&last=b>; rel=\"next\"")?, "/v2/a/tags/list?n=2&last=b");
        assert_eq!(next_target("<http://127.0.0.1:5000/v2/a>; rel=\"next\"")?, "/v2/a");
        assert!(next_target("/v2/a").is_err());
        Ok(())
    }

    #[test]
    fn a_tag_too_few_is_noticed() {
        let tags = Tags { repository: "a", numbers: 0..2 };
        let mut found = ["1.0.1", "1.0.0"].map(str::to_owned);
        assert!(check_all(&mut found, &tags).is_ok());
        assert!(check_all(&mut found[..1], &tags).is_err());
    }
}
