//! Lists that come in pages: tags, repositories, referrers.

use std::collections::HashSet;
use std::hash::Hash;

use bytes::Bytes;
use chartroom_oci::{Descriptor, Digest, MediaType, Reference, RepositoryName, Tag};
use reqwest::header::{ACCEPT, HeaderValue, LINK};
use reqwest::{Method, StatusCode, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::client::Registry;
use crate::error::{Error, Missing, Result, Subject};
use crate::exchange::{Call, refusal};
use crate::repository::{Repository, content_type};
use crate::scope::Scopes;
use crate::transport::Incoming;

/// The most that one page may have.
const PAGE_LIMIT: u64 = 8 << 20;

/// The most pages that are read of one list.
const PAGES: usize = 10_000;

/// The most entries of one list.
const ENTRIES: usize = 1_000_000;

#[derive(Deserialize)]
struct TagPage {
    /// Some write `null` for an empty list.
    #[serde(default)]
    tags: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct CatalogPage {
    #[serde(default)]
    repositories: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct ReferrersPage {
    #[serde(default)]
    manifests: Option<Vec<Descriptor>>,
}

impl Registry {
    /// The names of all repositories, in the registry's order. Few registries let everybody see them.
    pub async fn catalog(&self) -> Result<Vec<RepositoryName>> {
        let first = |url| Call::new(Method::GET, url, Scopes::catalog(), Subject::registry());
        let names = |page: CatalogPage| page.repositories.unwrap_or_default();
        let names = self.names(self.url("v2/_catalog"), first, names).await?;
        Ok(names.into_iter().filter_map(|name| name.parse().ok()).collect())
    }

    /// How many entries to ask for in a page.
    fn page_size(&self) -> Option<u32> {
        // Amazon gives 100 at a time unless told otherwise, and takes 1000 at most.
        let amazon = self.host().name().ends_with(".amazonaws.com") || self.host().name() == "public.ecr.aws";
        self.options().page_size.or(amazon.then_some(1000))
    }

    /// Reads all pages of a list of names.
    async fn names<'a, P: DeserializeOwned>(
        &self,
        list: Url,
        call: impl Fn(Url) -> Call<'a>,
        names: impl Fn(P) -> Vec<String>,
    ) -> Result<Vec<String>> {
        let size = self.page_size();
        let mut url = list.clone();
        if let Some(size) = size {
            url.query_pairs_mut().append_pair("n", &size.to_string());
        }
        let (mut all, mut seen, mut visited) = (Vec::new(), HashSet::new(), HashSet::new());
        for _ in 0..PAGES {
            if !visited.insert(url.clone()) {
                return Ok(all);
            }
            let mut incoming = self.call(&call(url)).await?;
            let page = names(self.page(&mut incoming, "the list").await?);
            let count = page.len();
            let last = page.last().cloned();
            let before = all.len();
            add_new(&mut all, &mut seen, page);
            if all.len() > ENTRIES {
                return Err(Error::TooLarge { what: "the list", limit: ENTRIES as u64 });
            }
            // What repeats itself has come to its end, whatever it says.
            if count == 0 || all.len() == before {
                return Ok(all);
            }
            let full = size.is_some_and(|size| count >= size as usize);
            url = match (next_page(&incoming, &list)?, last, size) {
                (Some(next), ..) => next,
                // As many as we asked for, and no link: there may be more.
                (None, Some(last), Some(size)) if full => {
                    let mut url = list.clone();
                    url.query_pairs_mut().append_pair("n", &size.to_string()).append_pair("last", &last);
                    url
                }
                _ => return Ok(all),
            };
        }
        Err(Error::protocol(crate::redact::url(&list), "the list has no end"))
    }

    async fn page<P: DeserializeOwned>(&self, incoming: &mut Incoming, what: &'static str) -> Result<P> {
        let body: Bytes = incoming.bytes(what, PAGE_LIMIT).await.map_err(|failure| failure.error)?;
        incoming.show(&body);
        let unread = |error| Error::protocol(incoming.shown_url(), format!("{what} can't be read: {error}"));
        serde_json::from_slice(&body).map_err(unread)
    }
}

impl Repository {
    /// All tags, in the registry's order. What is no tag by the specification is left out.
    pub async fn tags(&self) -> Result<Vec<Tag>> {
        let call = |url| self.request_at(Method::GET, url, Missing::Other);
        let names = |page: TagPage| page.tags.unwrap_or_default();
        let names = self.registry().names(self.url("tags/list"), call, names).await?;
        Ok(names.into_iter().filter_map(|name| name.parse().ok()).collect())
    }

    /// What refers to a manifest as its subject, such as signatures; of one type only if that is
    /// given. Where the registry has no such list, the one under the tag that the specification
    /// names for that purpose is read ("Referrers Tag Schema").
    pub async fn referrers(&self, subject: &Digest, artifact_type: Option<&str>) -> Result<Vec<Descriptor>> {
        let list = self.url(&format!("referrers/{subject}"));
        let mut url = list.clone();
        if let Some(artifact_type) = artifact_type {
            url.query_pairs_mut().append_pair("artifactType", artifact_type);
        }
        let mut all: Vec<Descriptor> = Vec::new();
        let mut visited = HashSet::new();
        for _ in 0..PAGES {
            if !visited.insert(url.clone()) {
                break;
            }
            let what = Missing::Manifest(Reference::Digest(*subject));
            let call = self.request_at(Method::GET, url, what);
            let call =
                call.header(ACCEPT, HeaderValue::from_static("application/vnd.oci.image.index.v1+json"));
            let mut incoming = self.registry().send(&call).await?;
            let status = incoming.status;
            if matches!(status.as_u16(), 401 | 403 | 429) || status.is_server_error() {
                return Err(refusal(incoming, &call.subject).await);
            }
            if status != StatusCode::OK || content_type(&incoming) != Some(MediaType::OCI_INDEX) {
                all = self.referrers_of_tag(subject).await?.1;
                break;
            }
            let page: ReferrersPage = self.registry().page(&mut incoming, "the list of referrers").await?;
            all.extend(page.manifests.unwrap_or_default());
            if all.len() > ENTRIES {
                return Err(Error::TooLarge { what: "the list of referrers", limit: ENTRIES as u64 });
            }
            match next_page(&incoming, &list)? {
                Some(next) => url = next,
                None => break,
            }
        }
        // A registry may ignore the filter.
        all.retain(|one| artifact_type.is_none_or(|wanted| one.artifact_type.as_deref() == Some(wanted)));
        Ok(all)
    }

    /// The list under the tag, and the digest that it has at the moment.
    async fn referrers_of_tag(&self, subject: &Digest) -> Result<(Option<Digest>, Vec<Descriptor>)> {
        let tag = Reference::Tag(referrers_tag(subject)?);
        let found = match self.manifest(&tag).await {
            Ok(found) => found,
            Err(error) if error.is_not_found() => return Ok((None, Vec::new())),
            Err(error) => return Err(error),
        };
        // GitLab takes the tag for the digest, and gives the subject itself.
        if found.media_type != MediaType::OCI_INDEX || found.digest == *subject {
            return Ok((None, Vec::new()));
        }
        let unread = |error| {
            Error::protocol(
                self.url("manifests").as_str(),
                format!("the list of referrers can't be read: {error}"),
            )
        };
        let page: ReferrersPage = serde_json::from_slice(&found.bytes).map_err(unread)?;
        Ok((Some(found.digest), page.manifests.unwrap_or_default()))
    }

    /// Adds a referrer to the list under the tag: what whoever stores a manifest with a subject
    /// has to do if [`StoredManifest::subject`](crate::StoredManifest::subject) is missing from
    /// the registry's answer.
    ///
    /// Registries have no way to do this without losing what somebody else adds in the same moment.
    pub async fn add_referrer(&self, subject: &Digest, referrer: &Descriptor) -> Result<()> {
        let repository = self.for_push();
        let (_, mut manifests) = repository.referrers_of_tag(subject).await?;
        if manifests.iter().any(|own| own.digest == referrer.digest) {
            return Ok(());
        }
        manifests.push(referrer.clone());
        let index = serde_json::json!({
            "schemaVersion": 2,
            "mediaType": MediaType::OCI_INDEX,
            "manifests": manifests,
        });
        let tag = Reference::Tag(referrers_tag(subject)?);
        repository.put_manifest(&tag, &MediaType::OCI_INDEX, index.to_string()).await.map(drop)
    }
}

/// The tag that holds the list of what refers to a manifest: `sha256-<hex>`, cut to the length that
/// tags have at most.
fn referrers_tag(subject: &Digest) -> Result<Tag> {
    let mut text = format!("{}-{}", subject.algorithm(), subject.hex());
    text.truncate(Tag::MAX_LEN);
    text.parse().map_err(|error| Error::setup(format!("no tag can be made of {subject}: {error}")))
}

fn add_new<T: Clone + Eq + Hash>(all: &mut Vec<T>, seen: &mut HashSet<T>, page: Vec<T>) {
    all.extend(page.into_iter().filter(|entry| seen.insert(entry.clone())));
}

/// The address of the next page, if there is one: our own list with the parameters of the link. Its
/// path is not used, since proxies and Artifactory get it wrong; its host has to be the registry's.
fn next_page(incoming: &Incoming, list: &Url) -> Result<Option<Url>> {
    let links = incoming.headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok());
    let Some(target) = links.flat_map(split_links).find_map(next_target) else {
        return Ok(None);
    };
    let broken =
        |what: &str| Error::protocol(incoming.shown_url(), format!("the link to the next page {what}"));
    let target = incoming.url.join(target).map_err(|_| broken("is no address"))?;
    let same =
        |a: &Url, b: &Url| a.host_str() == b.host_str() && (a.port() == b.port() || a.port().is_none());
    if !same(&target, list) && !same(&target, &incoming.url) {
        return Err(broken("leads to another host"));
    }
    let mut next = list.clone();
    next.set_query(target.query());
    Ok(Some(next))
}

/// Splits at commas that are not within an address.
fn split_links(header: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    header.split(move |c| {
        inside = match c {
            '<' => true,
            '>' => false,
            _ => inside,
        };
        c == ',' && !inside
    })
}

/// The address of `<address>; rel="next"`.
fn next_target(link: &str) -> Option<&str> {
    let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
    let is_next = |parameter: &str| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        name.trim().eq_ignore_ascii_case("rel")
            && value
                .trim()
                .trim_matches('"')
                .split_ascii_whitespace()
                .any(|rel| rel.eq_ignore_ascii_case("next"))
    };
    parameters.split(';').any(is_next).then_some(target.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn next(header: &str) -> Option<&str> {
        split_links(header).find_map(next_target)
    }

    #[test]
    fn links_of_all_kinds() {
        assert_eq!(next("</v2/a/tags/list?last=b&n=1>; rel=\"next\""), Some("/v2/a/tags/list?last=b&n=1"));
        assert_eq!(next("<a>; rel=prev, <b,c>;x=y; REL=Next"), Some("b,c"));
        assert_eq!(next("<a>; rel=\"last next\""), Some("a"));
        for none in ["", "<a>", "a; rel=next", "<a; rel=next", "<a>; rel=nextish"] {
            assert_eq!(next(none), None, "{none}");
        }
    }

    #[test]
    fn the_referrers_tag_is_no_longer_than_tags_are() {
        let digest = Digest::of(chartroom_oci::Algorithm::Sha512, b"x");
        assert!(referrers_tag(&digest).is_ok_and(|tag| tag.as_str().len() == 128));
        let digest = Digest::sha256(b"x");
        assert!(referrers_tag(&digest).is_ok_and(|tag| tag.as_str() == digest.to_string().replace(':', "-")));
    }

    proptest! {
        #[test]
        fn no_header_panics(header in "[<>;,=\"a-z ]{0,60}") {
            let _ = next(&header);
        }
    }
}
