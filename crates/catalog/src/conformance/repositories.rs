//! Listing repositories.

use chartroom_oci::RepositoryName;

use super::samples::{Outcome, any_image, at, digest, link, repository};
use crate::{Catalog, Deleted, Page, Result, Upload, UploadId};

/// Repositories are listed in byte order, page by page, as long as they hold a manifest.
pub async fn repositories(catalog: &dyn Catalog) -> Outcome {
    let nothing = Page { items: Vec::new(), more: false };
    assert_eq!(catalog.repositories(None, 10).await?, nothing);

    // `-` and `.` sort before `/`, and that before letters and digits.
    let names = ["a", "a-b", "a.b", "a/b", "a/b/c", "a0", "a_b", "aa", "b", "z/y/x/w"];
    for name in names.iter().rev() {
        let push = any_image(name)?.tagged(&["latest"])?;
        assert!(catalog.put_manifest(&repository(name)?, push, at(0)).await?.created);
    }
    assert_eq!(list(catalog, None, usize::MAX).await?, (names.map(str::to_owned).to_vec(), false));

    for limit in 1..=names.len() + 1 {
        let mut walked = Vec::new();
        let mut after = None;
        loop {
            let (page, more) = list(catalog, after.as_deref(), limit).await?;
            assert!(page.len() == limit || !more, "a page that is not the last is full");
            after = page.last().cloned();
            walked.extend(page);
            if !more {
                break;
            }
        }
        assert_eq!(walked, names, "pages of {limit}");
    }
    assert_eq!(list(catalog, Some("aa"), 2).await?, (vec!["b".to_owned(), "z/y/x/w".to_owned()], false));
    assert_eq!(list(catalog, Some("aa"), 1).await?, (vec!["b".to_owned()], true));
    assert_eq!(list(catalog, Some("a/b/"), 1).await?, (vec!["a/b/c".to_owned()], true), "after nothing real");
    assert_eq!(list(catalog, Some(""), 1).await?, (vec!["a".to_owned()], true));
    assert_eq!(list(catalog, Some("zz"), 1).await?, (vec![], false));
    assert_eq!(list(catalog, Some("z/y/x/w"), 1).await?, (vec![], false));
    assert_eq!(list(catalog, None, 0).await?, (vec![], true));
    assert_eq!(list(catalog, Some("zz"), 0).await?, (vec![], false));

    // Neither an upload nor a blob makes a repository that is listed.
    let upload = Upload {
        id: UploadId::random(),
        owner: "user:anna".to_owned(),
        algorithm: chartroom_oci::Algorithm::Sha256,
        offset: 0,
        state: Vec::new(),
        touched_at: at(0),
    };
    let (only_upload, only_blob) = (repository("only/upload")?, repository("only/blob")?);
    catalog.begin_upload(&only_upload, upload).await?;
    link(catalog, &only_blob, &digest("x"), at(0)).await?;
    assert_eq!(list(catalog, Some("only"), usize::MAX).await?, (vec!["z/y/x/w".to_owned()], false));
    // But a blob makes one that exists, and an upload does not.
    assert_eq!(catalog.tags(&only_upload, None, 10).await?, None);
    assert_eq!(catalog.tags(&only_blob, None, 10).await?, Some(Page { items: Vec::new(), more: false }));

    // What loses its last manifest is no longer listed, and still exists.
    let gone = repository("a/b")?;
    let digest = any_image("a/b")?.digest;
    assert_eq!(catalog.delete_manifest(&gone, &digest, false, at(1)).await?, Deleted::Yes);
    assert_eq!(list(catalog, Some("a.b"), 1).await?, (vec!["a/b/c".to_owned()], true));
    assert_eq!(catalog.tags(&gone, None, 10).await?, Some(Page { items: Vec::new(), more: false }));
    catalog.put_manifest(&gone, any_image("a/b")?, at(2)).await?;
    assert_eq!(list(catalog, Some("a.b"), 1).await?, (vec!["a/b".to_owned()], true));
    Ok(())
}

async fn list(catalog: &dyn Catalog, after: Option<&str>, limit: usize) -> Result<(Vec<String>, bool)> {
    let page = catalog.repositories(after, limit).await?;
    Ok((page.items.iter().map(RepositoryName::to_string).collect(), page.more))
}
