//! Upload sessions.

use chartroom_oci::{Algorithm, Digester};

use super::samples::{Outcome, at, digest, repository};
use crate::{Catalog, Upload, UploadId};

/// A session is kept until it ends, one way or another.
pub async fn uploads(catalog: &dyn Catalog) -> Outcome {
    let (ours, theirs) = (repository("ours")?, repository("theirs")?);
    let mut upload = begun(0);
    let id = upload.id;
    assert_eq!(catalog.upload(&ours, id).await?, None);
    assert!(!catalog.has_upload(id).await?);
    assert!(!catalog.save_upload(upload.clone()).await?, "saving begins no session");
    assert!(!catalog.has_upload(id).await?);
    assert!(!catalog.cancel_upload(&ours, id).await?);

    catalog.begin_upload(&ours, upload.clone()).await?;
    assert_eq!(catalog.upload(&ours, id).await?, Some(upload.clone()));
    assert_eq!(catalog.upload(&theirs, id).await?, None, "of another repository");
    assert!(catalog.has_upload(id).await?);

    let mut digester = Digester::new(Algorithm::Sha512);
    digester.update(b"some bytes");
    upload.algorithm = Algorithm::Sha512;
    upload.state = digester.save();
    upload.offset = 1 << 40;
    upload.touched_at = at(5);
    assert!(catalog.save_upload(upload.clone()).await?);
    assert_eq!(catalog.upload(&ours, id).await?, Some(upload.clone()));

    assert!(!catalog.cancel_upload(&theirs, id).await?);
    assert!(catalog.has_upload(id).await?);
    assert!(catalog.cancel_upload(&ours, id).await?);
    assert!(!catalog.cancel_upload(&ours, id).await?);
    assert_eq!(catalog.upload(&ours, id).await?, None);
    assert!(!catalog.save_upload(upload).await?, "saving brings no session back");
    assert!(!catalog.has_upload(id).await?);

    // The blob that it brought ends it, and no other.
    let (done, other) = (begun(6), begun(6));
    catalog.begin_upload(&ours, done.clone()).await?;
    catalog.begin_upload(&ours, other.clone()).await?;
    catalog.link_blob(&ours, &digest("blob"), 7, Some(done.id), at(7)).await?;
    assert!(!catalog.has_upload(done.id).await?);
    assert!(catalog.has_upload(other.id).await?);
    catalog.link_blob(&ours, &digest("blob"), 7, Some(done.id), at(7)).await?;
    assert!(catalog.blob(&ours, &digest("blob")).await?.is_some());
    Ok(())
}

/// Sessions that nobody touched for long are ended, some at a time.
pub async fn expiring_uploads(catalog: &dyn Catalog) -> Outcome {
    let ours = repository("ours")?;
    let mut ids = Vec::new();
    for second in 0..10 {
        let upload = begun(second);
        ids.push(upload.id);
        catalog.begin_upload(&ours, upload).await?;
    }
    assert_eq!(catalog.expire_uploads(at(0), 100).await?, [], "touched before, not at");
    assert_eq!(catalog.expire_uploads(at(5), 0).await?, []);
    let mut ended = catalog.expire_uploads(at(5), 3).await?;
    assert_eq!(ended.len(), 3);
    ended.extend(catalog.expire_uploads(at(5), 3).await?);
    assert_eq!(catalog.expire_uploads(at(5), 3).await?, []);
    ended.sort();
    let (mut old, young) = (ids[..5].to_vec(), &ids[5..]);
    old.sort();
    assert_eq!(ended, old);
    for id in old {
        assert!(!catalog.has_upload(id).await?);
    }
    for id in young {
        assert!(catalog.has_upload(*id).await?);
    }

    let mut touched = begun(20);
    touched.id = young[0];
    assert!(catalog.save_upload(touched).await?);
    assert_eq!(catalog.expire_uploads(at(20), 100).await?.len(), 4);
    assert!(catalog.has_upload(young[0]).await?);
    Ok(())
}

fn begun(second: i64) -> Upload {
    Upload {
        id: UploadId::random(),
        owner: "user:anna".to_owned(),
        algorithm: Algorithm::Sha256,
        offset: 0,
        state: Digester::new(Algorithm::Sha256).save(),
        touched_at: at(second),
    }
}
