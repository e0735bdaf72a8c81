-- The catalog as Chartroom first knew it.
--
-- Digests are kept as their text, so that a query typed by hand reads like the registry's
-- URLs. Times are milliseconds since 1970 in UTC.

CREATE TABLE repositories (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- Blobs whose bytes are stored.
CREATE TABLE blobs (
    digest         TEXT NOT NULL PRIMARY KEY,
    size           INTEGER NOT NULL CHECK (size >= 0),
    -- Since when no repository links it; NULL while one does.
    unlinked_since INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX blobs_unlinked ON blobs (digest, unlinked_since) WHERE unlinked_since IS NOT NULL;

-- Which repository holds which blob.
CREATE TABLE repository_blobs (
    repository_id      INTEGER NOT NULL REFERENCES repositories (id),
    digest             TEXT NOT NULL REFERENCES blobs (digest),
    -- Since when no manifest of the repository refers to it; NULL while one does.
    unreferenced_since INTEGER,
    PRIMARY KEY (repository_id, digest)
) STRICT, WITHOUT ROWID;

CREATE INDEX repository_blobs_by_digest ON repository_blobs (digest);
CREATE INDEX repository_blobs_unreferenced ON repository_blobs (unreferenced_since)
    WHERE unreferenced_since IS NOT NULL;

CREATE TABLE manifests (
    id            INTEGER PRIMARY KEY,
    repository_id INTEGER NOT NULL REFERENCES repositories (id),
    digest        TEXT NOT NULL,
    media_type    TEXT NOT NULL,
    artifact_type TEXT,
    -- The digest of the manifest that this one says something about.
    subject       TEXT,
    -- 1 once it was stored as a Helm chart.
    is_chart      INTEGER NOT NULL CHECK (is_chart IN (0, 1)),
    pushed_at     INTEGER NOT NULL,
    size          INTEGER NOT NULL,
    -- A JSON object; only for manifests with a subject, whose referrers listing needs it.
    annotations   TEXT,
    -- Last, so that reading the other columns never follows the pages it overflows to.
    bytes         BLOB NOT NULL,
    UNIQUE (repository_id, digest)
) STRICT;

CREATE INDEX manifests_by_subject ON manifests (repository_id, subject, digest)
    WHERE subject IS NOT NULL;

-- What a manifest names: its config, layers and listed manifests, whether or not the
-- repository has them. A subject is not among them.
CREATE TABLE manifest_references (
    repository_id INTEGER NOT NULL,
    digest        TEXT NOT NULL,
    manifest_id   INTEGER NOT NULL REFERENCES manifests (id),
    PRIMARY KEY (repository_id, digest, manifest_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX manifest_references_by_manifest ON manifest_references (manifest_id);

CREATE TABLE tags (
    repository_id INTEGER NOT NULL REFERENCES repositories (id),
    name          TEXT NOT NULL,
    manifest_id   INTEGER NOT NULL REFERENCES manifests (id),
    PRIMARY KEY (repository_id, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX tags_by_manifest ON tags (manifest_id);

-- What is known of the manifests that are charts and could be read as such.
CREATE TABLE charts (
    manifest_id    INTEGER PRIMARY KEY REFERENCES manifests (id),
    repository_id  INTEGER NOT NULL,
    archive_digest TEXT,
    archive_size   INTEGER,
    provenance     INTEGER NOT NULL CHECK (provenance IN (0, 1)),
    created_at     INTEGER NOT NULL,
    -- Chart.yaml as JSON.
    metadata       TEXT NOT NULL,
    name           TEXT AS (metadata ->> 'name'),
    version        TEXT AS (metadata ->> 'version'),
    app_version    TEXT AS (metadata ->> 'appVersion'),
    description    TEXT AS (metadata ->> 'description'),
    deprecated     INTEGER AS (coalesce(metadata ->> 'deprecated', 0))
) STRICT;

CREATE INDEX charts_by_repository ON charts (repository_id);

CREATE TABLE uploads (
    id         TEXT NOT NULL PRIMARY KEY,
    -- By name: an upload alone does not make a repository.
    repository TEXT NOT NULL,
    algorithm  TEXT NOT NULL,
    -- How many bytes have been taken in, and the state of the digest after them.
    received   INTEGER NOT NULL,
    state      BLOB NOT NULL,
    touched_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX uploads_by_touch ON uploads (touched_at);

-- Written by readiness probes, to learn whether writing works.
CREATE TABLE probe (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    written_at INTEGER NOT NULL
) STRICT;
