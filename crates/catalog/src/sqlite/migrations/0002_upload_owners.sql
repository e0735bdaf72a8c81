-- Who began an upload and may go on with it; empty if anybody may.
ALTER TABLE uploads ADD COLUMN owner TEXT NOT NULL DEFAULT '';
