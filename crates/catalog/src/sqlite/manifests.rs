//! Manifests: putting, getting, deleting and listing them.

use bytes::Bytes;
use chartroom_oci::{Digest, Kind, Manifest, Reference, RepositoryName};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{Deleted, Error, ManifestRecord, Page, Push, Pushed, Referrer, Result, StoredManifest};

use super::convert::{self, millis};
use super::job::Change;
use super::{charts, repositories, tags};

/// See [`crate::Catalog::put_manifest`].
pub(super) fn put(
    change: &mut Change<'_>,
    repository: &RepositoryName,
    push: &Push,
    now: Timestamp,
) -> Result<Pushed> {
    let id = repositories::find_or_create(change, repository)?;
    if push.immutable_versions {
        for tag in &push.tags {
            if let Some(existing) = tags::version(change, id, tag)?
                && existing != push.digest
            {
                return Err(Error::Immutable { tag: tag.clone(), existing });
            }
        }
    }
    if push.keep_tags {
        for tag in &push.tags {
            if let Some(existing) = tags::target(change, id, tag)?
                && existing != push.digest
            {
                return Err(Error::TagExists { tag: tag.clone(), existing });
            }
        }
    }
    let existing = find(change, id, &push.digest)?;
    let manifest = match existing {
        Some(manifest) => {
            update(change, manifest, push)?;
            manifest
        }
        None => insert(change, id, push, now)?,
    };
    let missing = refer(change, id, manifest, &push.manifest)?;
    if let Some(chart) = &push.chart {
        charts::put(change, id, manifest, chart)?;
    }
    for tag in &push.tags {
        tags::point(change, id, tag, manifest)?;
    }
    Ok(Pushed { created: existing.is_none(), missing })
}

fn find(connection: &Connection, repository: i64, digest: &Digest) -> Result<Option<i64>> {
    let mut statement =
        connection.prepare_cached("SELECT id FROM manifests WHERE repository_id = ?1 AND digest = ?2")?;
    Ok(statement.query_row(params![repository, digest.to_string()], |row| row.get(0)).optional()?)
}

fn insert(change: &Change<'_>, repository: i64, push: &Push, now: Timestamp) -> Result<i64> {
    let manifest = &push.manifest;
    let mut statement = change.prepare_cached(
        "INSERT INTO manifests (repository_id, digest, media_type, artifact_type, subject, is_chart,
             annotations, pushed_at, size, bytes)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    Ok(statement.insert(params![
        repository,
        push.digest.to_string(),
        manifest.media_type.as_str(),
        manifest.effective_artifact_type(),
        subject(manifest),
        is_chart(push),
        annotations(manifest)?,
        millis(now),
        push.bytes.len(),
        &push.bytes[..],
    ])?)
}

/// Takes over what another media type makes of the same bytes.
fn update(change: &Change<'_>, id: i64, push: &Push) -> Result<()> {
    // A version that must stay must stay readable as what it is, too.
    if push.immutable_versions && tags::version_of(change, id)?.is_some() {
        return Ok(());
    }
    let manifest = &push.manifest;
    change
        .prepare_cached(
            // Once a chart, always a chart: else pushing the same bytes as something else would
            // free the version for another content.
            "UPDATE manifests SET media_type = ?2, artifact_type = ?3, subject = ?4,
                 is_chart = max(is_chart, ?5), annotations = ?6
             WHERE id = ?1 AND (media_type <> ?2 OR is_chart < ?5)",
        )?
        .execute(params![
            id,
            manifest.media_type.as_str(),
            manifest.effective_artifact_type(),
            subject(manifest),
            is_chart(push),
            annotations(manifest)?,
        ])?;
    Ok(())
}

fn subject(manifest: &Manifest) -> Option<String> {
    manifest.subject.as_ref().map(|subject| subject.digest.to_string())
}

fn is_chart(push: &Push) -> bool {
    push.chart.is_some() || push.manifest.is_chart()
}

fn annotations(manifest: &Manifest) -> Result<Option<String>> {
    let needed = manifest.subject.is_some() && !manifest.annotations.is_empty();
    let text = needed.then(|| serde_json::to_string(&manifest.annotations)).transpose();
    text.map_err(|error| Error::Engine(error.into()))
}

/// Records what a manifest names, protects what is there of it, and says what is not.
fn refer(change: &Change<'_>, repository: i64, id: i64, manifest: &Manifest) -> Result<Vec<Digest>> {
    let mut record = change.prepare_cached(
        "INSERT INTO manifest_references (repository_id, digest, manifest_id) VALUES (?1, ?2, ?3)
         ON CONFLICT DO NOTHING",
    )?;
    // If the blob is not here, no row matches; `has_blob` finds that out only where it matters.
    let mut protect = change.prepare_cached(
        "UPDATE repository_blobs SET unreferenced_since = NULL
         WHERE repository_id = ?1 AND digest = ?2 AND unreferenced_since IS NOT NULL",
    )?;
    let mut has_blob =
        change.prepare_cached("SELECT 1 FROM repository_blobs WHERE repository_id = ?1 AND digest = ?2")?;
    let mut named: Vec<Digest> = Vec::new();
    let mut missing = Vec::new();
    // Non-distributable layers are recorded too: they need not be here, but if one is, it stays.
    for descriptor in manifest.config.iter().chain(&manifest.layers).chain(&manifest.manifests) {
        let text = descriptor.digest.to_string();
        record.execute(params![repository, text, id])?;
        let mut here = protect.execute(params![repository, text])? > 0;
        let needed = manifest.kind == Kind::Index || manifest.blobs().any(|blob| *blob == descriptor.digest);
        if here || !needed || named.contains(&descriptor.digest) {
            continue;
        }
        named.push(descriptor.digest);
        here = has_blob.exists(params![repository, text])?;
        // Build caches are indexes that list blobs, so either will do there.
        here =
            here || (manifest.kind == Kind::Index && find(change, repository, &descriptor.digest)?.is_some());
        if !here {
            missing.push(descriptor.digest);
        }
    }
    Ok(missing)
}

/// See [`crate::Catalog::manifest`].
pub(super) fn get(
    connection: &Connection,
    repository: &RepositoryName,
    reference: &Reference,
) -> Result<Option<StoredManifest>> {
    let (sql, reference) = match reference {
        Reference::Tag(tag) => (
            "SELECT manifests.digest, manifests.media_type, manifests.bytes
             FROM repositories
             JOIN tags ON tags.repository_id = repositories.id
             JOIN manifests ON manifests.id = tags.manifest_id
             WHERE repositories.name = ?1 AND tags.name = ?2",
            tag.as_str().to_owned(),
        ),
        Reference::Digest(digest) => (
            "SELECT manifests.digest, manifests.media_type, manifests.bytes
             FROM repositories
             JOIN manifests ON manifests.repository_id = repositories.id
             WHERE repositories.name = ?1 AND manifests.digest = ?2",
            digest.to_string(),
        ),
    };
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![repository.as_str(), reference])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(StoredManifest {
        digest: convert::parsed(row, 0)?,
        media_type: convert::parsed(row, 1)?,
        bytes: Bytes::from(row.get::<_, Vec<u8>>(2)?),
    }))
}

/// See [`crate::Catalog::delete_manifest`].
pub(super) fn delete(
    change: &mut Change<'_>,
    repository: &RepositoryName,
    digest: &Digest,
    immutable_versions: bool,
    now: Timestamp,
) -> Result<Deleted> {
    let Some(id) = repositories::find(change, repository)? else { return Ok(Deleted::UnknownRepository) };
    let Some(manifest) = find(change, id, digest)? else { return Ok(Deleted::Missing) };
    if immutable_versions && let Some((tag, existing)) = tags::version_of(change, manifest)? {
        return Err(Error::Immutable { tag, existing });
    }
    change.prepare_cached("DELETE FROM tags WHERE manifest_id = ?1")?.execute([manifest])?;
    change.prepare_cached("DELETE FROM charts WHERE manifest_id = ?1")?.execute([manifest])?;
    let named: Vec<String> = change
        .prepare_cached("DELETE FROM manifest_references WHERE manifest_id = ?1 RETURNING digest")?
        .query_map([manifest], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    change.prepare_cached("DELETE FROM manifests WHERE id = ?1")?.execute([manifest])?;
    let mut release = change.prepare_cached(
        "UPDATE repository_blobs SET unreferenced_since = ?3
         WHERE repository_id = ?1 AND digest = ?2 AND NOT EXISTS
             (SELECT 1 FROM manifest_references WHERE repository_id = ?1 AND digest = ?2)",
    )?;
    for blob in named {
        release.execute(params![id, blob, millis(now)])?;
    }
    drop(release);
    change.touch(repository);
    Ok(Deleted::Yes)
}

/// See [`crate::Catalog::referrers`].
pub(super) fn referrers(
    connection: &Connection,
    repository: &RepositoryName,
    subject: &Digest,
    artifact_type: Option<&str>,
    after: Option<&Digest>,
    limit: usize,
) -> Result<Page<Referrer>> {
    let mut statement = connection.prepare_cached(
        "SELECT manifests.digest, media_type, size, artifact_type, annotations
         FROM repositories
         JOIN manifests ON manifests.repository_id = repositories.id
         WHERE repositories.name = ?1 AND subject = ?2 AND (?3 IS NULL OR artifact_type = ?3) AND digest > ?4
         ORDER BY digest LIMIT ?5",
    )?;
    let mut rows = statement.query(params![
        repository.as_str(),
        subject.to_string(),
        artifact_type,
        convert::text_or_start(after),
        convert::limit(limit.saturating_add(1)),
    ])?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        let annotations: Option<String> = row.get(4)?;
        items.push(Referrer {
            digest: convert::parsed(row, 0)?,
            media_type: convert::parsed(row, 1)?,
            size: row.get(2)?,
            artifact_type: row.get(3)?,
            annotations: match annotations {
                Some(text) => convert::json(&text)?,
                None => Default::default(),
            },
        });
    }
    Ok(convert::page(items, limit))
}

/// See [`crate::Catalog::manifest_records`].
pub(super) fn records(
    connection: &Connection,
    after: Option<&(RepositoryName, Digest)>,
    limit: usize,
) -> Result<Vec<ManifestRecord>> {
    // Two walks along indexes: the rest of the repository that was begun, then all later ones.
    let mut records = Vec::new();
    if let Some((repository, digest)) = after {
        let mut statement = connection.prepare_cached(
            "SELECT repositories.name, manifests.digest, manifests.bytes
             FROM repositories JOIN manifests ON manifests.repository_id = repositories.id
             WHERE repositories.name = ?1 AND manifests.digest > ?2
             ORDER BY manifests.digest LIMIT ?3",
        )?;
        let params = params![repository.as_str(), digest.to_string(), convert::limit(limit)];
        let mut rows = statement.query(params)?;
        while let Some(row) = rows.next()? {
            records.push(manifest_record(row)?);
        }
    }
    let mut statement = connection.prepare_cached(
        "SELECT repositories.name, manifests.digest, manifests.bytes
         FROM repositories JOIN manifests ON manifests.repository_id = repositories.id
         WHERE repositories.name > ?1
         ORDER BY repositories.name, manifests.digest LIMIT ?2",
    )?;
    let after = after.map(|(repository, _)| repository.as_str()).unwrap_or_default();
    let mut rows = statement.query(params![after, convert::limit(limit - records.len())])?;
    while let Some(row) = rows.next()? {
        records.push(manifest_record(row)?);
    }
    Ok(records)
}

fn manifest_record(row: &Row<'_>) -> Result<ManifestRecord> {
    Ok(ManifestRecord {
        repository: convert::parsed(row, 0)?,
        digest: convert::parsed(row, 1)?,
        bytes: Bytes::from(row.get::<_, Vec<u8>>(2)?),
    })
}
