//! Putting blobs into their places, and taking them away.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::SystemTime;

use chartroom_oci::Digest;

use crate::error::{Error, Result};
use crate::layout::{Layout, sync_folder};
use crate::upload;

/// Stores small content under its digest.
pub(crate) fn put(layout: &Layout, digest: &Digest, content: &[u8]) -> Result<()> {
    let found = Digest::of(digest.algorithm(), content);
    if found != *digest {
        return Err(Error::DigestMismatch { expected: *digest, found: Box::new(found) });
    }
    let failed = |source| Error::io(format!("store blob {digest}"), source);

    let mut unfinished = Unfinished { path: layout.temporary(), armed: true };
    let mut file = File::create_new(&unfinished.path).map_err(failed)?;
    file.write_all(content).map_err(failed)?;

    let mut place = layout.lock(digest);
    let is_new = place.make_home().map_err(failed)?;
    if !is_new {
        // There may be a blob that the catalog already trusts: what replaces it
        // must be whole at any moment the power may fail.
        file.sync_data().map_err(failed)?;
    }
    let outcome = fs::rename(&unfinished.path, place.data()).and_then(|()| {
        if is_new {
            // Nothing trusts this path yet, so the bytes may follow their name.
            // This way round, one commit of the file system's journal carries
            // file and folders, which is a good deal faster.
            unfinished.path = place.data();
            file.sync_data()?;
        } else {
            unfinished.armed = false;
        }
        place.sync()
    });
    match outcome {
        Ok(()) => unfinished.armed = false,
        Err(error) => {
            drop(unfinished);
            place.clear_home();
            return Err(failed(error));
        }
    }
    Ok(())
}

/// Makes an upload's file the blob.
pub(crate) fn commit(layout: &Layout, id: &str, digest: &Digest) -> Result<()> {
    let failed = |source| Error::io(format!("make upload {id} blob {digest}"), source);
    let file = upload::open(layout, id, false)?;
    // Its age as a blob counts from now, however long ago it was uploaded.
    file.set_modified(SystemTime::now()).map_err(failed)?;
    file.sync_data().map_err(failed)?;

    let mut place = layout.lock(digest);
    place.make_home().map_err(failed)?;
    match fs::rename(layout.upload(id)?, place.data()) {
        Ok(()) => place.sync().map_err(failed),
        Err(error) => {
            place.clear_home();
            if error.kind() == io::ErrorKind::NotFound { Err(Error::UploadLost) } else { Err(failed(error)) }
        }
    }
}

/// Removes a blob's file and its own folder.
pub(crate) fn remove(layout: &Layout, digest: &Digest) -> Result<bool> {
    let place = layout.lock(digest);
    let removed = existed(fs::remove_file(place.data()))
        .map_err(|source| Error::io(format!("remove blob {digest}"), source))?;
    place.clear_home();
    Ok(removed)
}

/// Moves a blob's file to where nothing reads it.
pub(crate) fn quarantine(layout: &Layout, digest: &Digest) -> Result<bool> {
    let failed = |source| Error::io(format!("quarantine blob {digest}"), source);
    let place = layout.lock(digest);
    let moved = existed(fs::rename(place.data(), layout.quarantined(digest))).map_err(failed)?;
    if moved {
        sync_folder(layout.quarantine()).map_err(failed)?;
        place.sync().map_err(failed)?;
    }
    place.clear_home();
    Ok(moved)
}

fn existed(outcome: io::Result<()>) -> io::Result<bool> {
    match outcome {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// A file that is removed again unless the work on it comes to its end.
pub(crate) struct Unfinished {
    pub(crate) path: PathBuf,
    pub(crate) armed: bool,
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if self.armed
            && let Err(error) = fs::remove_file(&self.path)
            && error.kind() != io::ErrorKind::NotFound
        {
            // Clean-up by age gets it later.
            tracing::warn!(%error, path = %self.path.display(), "can't remove a temporary file");
        }
    }
}
