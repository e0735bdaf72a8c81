//! Tags.

use chartroom_oci::Tag;

use super::samples::{Outcome, all_tags, any_image, at, has, repository, resolve, tag};
use crate::{Catalog, Deleted, Page};

/// Tags are listed in byte order, page by page, and can be deleted.
pub async fn tags(catalog: &dyn Catalog) -> Outcome {
    let (ours, theirs) = (repository("ours")?, repository("ours/too")?);
    assert_eq!(catalog.tags(&ours, None, 10).await?, None);
    assert_eq!(catalog.delete_tag(&ours, &tag("a")?, false).await?, Deleted::UnknownRepository);
    assert_eq!(catalog.tags(&ours, None, 10).await?, None);

    let sorted = ["1.0.0", "1.0.0-rc.1", "1.0.0_b", "10", "9", "A", "Z", "_", "a", "a-b", "a.b", "aa", "b"];
    let mut shuffled = sorted;
    shuffled.reverse();
    shuffled.swap(2, 9);
    let one = any_image("one")?;
    let digest = one.digest;
    catalog.put_manifest(&ours, one.clone(), at(0)).await?;
    assert_eq!(catalog.tags(&ours, None, 10).await?, Some(Page { items: vec![], more: false }));
    assert_eq!(catalog.tags(&ours, None, 0).await?, Some(Page { items: vec![], more: false }));
    catalog.put_manifest(&ours, one.tagged(&shuffled)?, at(0)).await?;
    catalog.put_manifest(&theirs, any_image("two")?.tagged(&["a", "theirs"])?, at(0)).await?;
    assert_eq!(all_tags(catalog, &ours).await?, sorted);

    for limit in 1..=sorted.len() + 1 {
        let mut walked = Vec::new();
        let mut after: Option<Tag> = None;
        loop {
            let page = catalog.tags(&ours, after.as_ref().map(Tag::as_str), limit).await?;
            let page = page.unwrap_or(Page { items: vec![], more: false });
            assert!(page.items.len() == limit || !page.more, "a page that is not the last is full");
            after = page.items.last().cloned();
            walked.extend(page.items.iter().map(Tag::to_string));
            if !page.more {
                break;
            }
        }
        assert_eq!(walked, sorted, "pages of {limit}");
    }
    for (after, limit, expected, more) in [
        (None, 0, &[][..], true),
        (Some(""), 1, &["1.0.0"], true),
        (Some("a"), 2, &["a-b", "a.b"], true),
        (Some("a-"), 1, &["a-b"], true),
        (Some("a-c"), 1, &["a.b"], true),
        (Some("aa"), 1, &["b"], false),
        (Some("aa"), 2, &["b"], false),
        (Some("b"), 1, &[], false),
        (Some("b"), 0, &[], false),
        (Some("zzz"), 5, &[], false),
        (Some("not a tag: \u{1F4A9}"), 5, &[], false),
    ] {
        let page = catalog.tags(&ours, after, limit).await?;
        let page = page.map(|page| (page.items.iter().map(Tag::to_string).collect::<Vec<_>>(), page.more));
        let expected = expected.iter().map(|&tag| tag.to_owned()).collect();
        assert_eq!(page, Some((expected, more)), "after {after:?}, at most {limit}");
    }

    assert_eq!(catalog.delete_tag(&ours, &tag("other")?, false).await?, Deleted::Missing);
    assert_eq!(catalog.delete_tag(&ours, &tag("a")?, false).await?, Deleted::Yes);
    assert_eq!(catalog.delete_tag(&ours, &tag("a")?, false).await?, Deleted::Missing);
    assert_eq!(resolve(catalog, &ours, "a").await?, None);
    assert!(has(catalog, &ours, &digest).await?, "the manifest stays");
    assert_eq!(all_tags(catalog, &ours).await?.len(), sorted.len() - 1);
    assert_eq!(all_tags(catalog, &theirs).await?, ["a", "theirs"]);
    Ok(())
}

/// A repository with thousands of tags is walked in whole, none twice.
pub async fn many_tags(catalog: &dyn Catalog) -> Outcome {
    const COUNT: usize = 3000;
    let ours = repository("ours")?;
    let names: Vec<String> = (0..COUNT).map(|number| format!("0.{}.{}", number / 50, number % 50)).collect();
    for part in names.chunks(500) {
        let tags: Vec<&str> = part.iter().map(String::as_str).collect();
        catalog.put_manifest(&ours, any_image("one")?.tagged(&tags)?, at(0)).await?;
    }
    let mut sorted = names;
    sorted.sort();
    for limit in [1000, 999, 7] {
        let mut walked: Vec<String> = Vec::new();
        loop {
            let page = catalog.tags(&ours, walked.last().map(String::as_str), limit).await?;
            let page = page.unwrap_or(Page { items: vec![], more: false });
            walked.extend(page.items.iter().map(Tag::to_string));
            if !page.more {
                break;
            }
        }
        assert!(walked == sorted, "{} tags came in pages of {limit}", walked.len());
    }
    let digest = any_image("one")?.digest;
    assert_eq!(catalog.delete_manifest(&ours, &digest, false, at(1)).await?, Deleted::Yes);
    assert_eq!(all_tags(catalog, &ours).await?, [""; 0]);
    Ok(())
}
