//! Content-addressed bytes in a local folder: blobs, and the uploads that become blobs.
//!
//! [`BlobStore`] is the only way in. It knows bytes and digests; which blobs
//! ought to be there, and who may see them, is for the catalog to say.
//!
//! ```text
//! blobs/<alg>/<2 hex>/<hex>/data   a blob
//! uploads/<upload id>              an upload under way
//! uploads/put-…                    a small blob under way
//! quarantine/<alg>-<hex>           a blob that was found damaged
//! ```
//!
//! # What is durable, and when
//!
//! [`BlobStore::put`] and [`BlobStore::commit_upload`] return once the bytes and
//! every new folder entry on the way to them would survive a power cut. *Until*
//! they return, a new blob's path may come to hold a file with missing bytes.
//! That is harmless as long as **a file is trusted only if the catalog has a row
//! for it, and that row is committed after the file was placed**: such a file
//! has no row, and is replaced when its content is pushed again. What replaces an
//! existing file is always durable before it takes the old one's place.
//!
//! Removals are not made durable: a removed blob may be back after a power cut,
//! as one that the catalog does not know.
//!
//! # Locks
//!
//! Operations on one digest, or on one upload, are the caller's to keep apart
//! where their order matters (a removal and a push of the same blob, say). Files
//! and folders come to no harm if the caller does not: places are locked here
//! too, and so are the files of uploads, since work that has begun on a blocking
//! thread goes on when the future that waited for it is dropped.
//!
//! # Threads
//!
//! Every operation goes to Tokio's blocking threads in one hop, and none holds a
//! thread while it waits for a client. All must be called inside a Tokio runtime
//! with time enabled.

mod error;
mod layout;
mod place;
mod read;
mod upload;
mod verify;
mod walk;

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use chartroom_oci::{Algorithm, Digest, Digester};

pub use crate::error::{Error, Result};
pub use crate::read::{Blob, BlobBody};
pub use crate::upload::UploadWriter;
pub use crate::verify::Verdict;
pub use crate::walk::StoredBlob;

use crate::layout::Layout;

/// How long an upload may be held by somebody else before that is an error. A
/// writer that was dropped lets go once its last batch is written.
const BUSY: Duration = Duration::from_secs(2);

/// The bytes of all blobs and uploads. Cheap to clone; clones are the same store.
///
/// One process at a time may have a folder open.
#[derive(Clone)]
pub struct BlobStore {
    layout: Arc<Layout>,
}

impl fmt::Debug for BlobStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlobStore").finish_non_exhaustive()
    }
}

impl BlobStore {
    /// Opens the store in a data folder and creates what is missing, durably.
    /// Other things in the folder are left alone. Blocks; meant for the start.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if a folder can't be created or is a file.
    pub fn open(folder: &Path) -> Result<Self> {
        let layout = Layout::create(folder)
            .map_err(|source| Error::io(format!("open the data folder {}", folder.display()), source))?;
        Ok(Self { layout: Arc::new(layout) })
    }

    /// Opens a blob for reading. `None` if there is no file for it.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if it is there but can't be read.
    pub async fn blob(&self, digest: &Digest) -> Result<Option<Blob>> {
        let digest = *digest;
        self.run(move |layout| {
            Blob::open(&layout.data(&digest))
                .map_err(|source| Error::io(format!("open blob {digest}"), source))
        })
        .await
    }

    /// Stores small content that is wholly in memory, durably. Replaces the file
    /// that is there, if one is, and so heals a damaged one.
    ///
    /// # Errors
    ///
    /// [`Error::DigestMismatch`] if the content is not the digest's,
    /// [`Error::StorageFull`], [`Error::Io`]. In each case nothing is left behind.
    pub async fn put(&self, digest: &Digest, content: Bytes) -> Result<()> {
        let digest = *digest;
        self.run(move |layout| place::put(layout, &digest, &content)).await
    }

    /// Starts an upload (`offset` 0: anything left under this id is dropped), or
    /// goes on with one at the offset of its last [`UploadWriter::checkpoint`],
    /// with the digester of that moment. Bytes beyond the offset are cut off.
    ///
    /// An id has 1 to 64 characters out of `0-9`, `a-f` and `-`.
    ///
    /// # Errors
    ///
    /// [`Error::UploadLost`] if there are fewer bytes than `offset` or none,
    /// [`Error::UploadBusy`] if another writer holds the upload for more than two
    /// seconds, [`Error::UploadId`], [`Error::StorageFull`], [`Error::Io`].
    pub async fn upload(&self, id: &str, offset: u64, digester: Digester) -> Result<UploadWriter> {
        let name = id.to_owned();
        let file = self.when_free(move |layout| upload::open_at(layout, &name, offset)).await?;
        Ok(UploadWriter::new(id, file, offset, digester))
    }

    /// Makes the upload's file the blob, durably. Replaces the file that is
    /// there, if one is, and so heals a damaged one.
    ///
    /// The file is taken as it is: `digest` must be what [`UploadWriter::finish`]
    /// or, after it, [`BlobStore::rehash_upload`] has found, with no other writer
    /// in between. To commit an upload that was left at a checkpoint, open it with
    /// [`BlobStore::upload`] at that checkpoint and finish it: the file may have
    /// bytes beyond.
    ///
    /// # Errors
    ///
    /// [`Error::UploadLost`] if there is no such upload, as after a commit;
    /// [`Error::UploadBusy`] if a writer holds it for more than two seconds;
    /// [`Error::UploadId`], [`Error::StorageFull`], [`Error::Io`].
    pub async fn commit_upload(&self, id: &str, digest: &Digest) -> Result<()> {
        let (id, digest) = (id.to_owned(), *digest);
        self.when_free(move |layout| place::commit(layout, &id, &digest)).await
    }

    /// Reads the first `len` bytes of a finished upload again, for a digest in an
    /// algorithm that nobody had named when it began.
    ///
    /// # Errors
    ///
    /// [`Error::UploadLost`] if there are fewer bytes, or none;
    /// [`Error::UploadId`], [`Error::Io`].
    pub async fn rehash_upload(&self, id: &str, algorithm: Algorithm, len: u64) -> Result<Digester> {
        let id = id.to_owned();
        let (_waiting, stop) = verify::Stop::new();
        self.run(move |layout| verify::rehash(layout, &id, algorithm, len, &stop)).await
    }

    /// Removes an upload's file, or a left-over that [`BlobStore::uploads`] has
    /// listed. It is fine if there is none.
    ///
    /// # Errors
    ///
    /// [`Error::UploadId`], [`Error::Io`].
    pub async fn discard_upload(&self, id: &str) -> Result<()> {
        let id = id.to_owned();
        self.run(move |layout| match std::fs::remove_file(layout.left_over(&id)?) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(Error::io(format!("remove upload {id}"), source))
            }
            _ => Ok(()),
        })
        .await
    }

    /// All uploads, with the time of their last write, in no order. Among them
    /// are, as `put-…`, small blobs that are just being stored or whose storing
    /// was cut off by a crash: to be discarded by age, as are abandoned uploads.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub async fn uploads(&self) -> Result<Vec<(String, SystemTime)>> {
        self.run(walk::uploads).await
    }

    /// Removes a blob, and says whether there was one. Whoever has it open can
    /// read it to its end.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub async fn remove(&self, digest: &Digest) -> Result<bool> {
        let digest = *digest;
        self.run(move |layout| place::remove(layout, &digest)).await
    }

    /// Reads a whole blob and compares it with what it should be. A file of the
    /// wrong size is not read. Reading ends early if the future is dropped.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the file can't be read to its end: on a failing disk that
    /// is what a damaged blob looks like.
    pub async fn verify(&self, digest: &Digest, size: u64) -> Result<Verdict> {
        let digest = *digest;
        let (_waiting, stop) = verify::Stop::new();
        self.run(move |layout| verify::verify(layout, &digest, size, &stop)).await
    }

    /// Moves a blob aside, durably, to where only an operator finds it, and says
    /// whether there was one. An earlier one of the same digest is replaced.
    ///
    /// # Errors
    ///
    /// [`Error::StorageFull`], [`Error::Io`].
    pub async fn quarantine(&self, digest: &Digest) -> Result<bool> {
        let digest = *digest;
        self.run(move |layout| place::quarantine(layout, &digest)).await
    }

    /// Lists what is in the folder: up to `limit` blobs after a digest, in the
    /// order of [`Digest`] (algorithm, then value). Fewer than `limit` means that
    /// there are no more. Files and folders with other names are passed over.
    ///
    /// Memory is bounded by one `<2 hex>` folder, which each call reads in full:
    /// with very many blobs ask for a thousand or more at a time.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub async fn walk(&self, after: Option<&Digest>, limit: usize) -> Result<Vec<StoredBlob>> {
        let after = after.copied();
        self.run(move |layout| walk::blobs(layout, after.as_ref(), limit)).await
    }

    /// Writes, reads and removes a small file: whether the store can do its work.
    ///
    /// # Errors
    ///
    /// [`Error::StorageFull`], [`Error::Io`].
    pub async fn check(&self) -> Result<()> {
        self.run(|layout| {
            check(layout).map_err(|source| Error::io("write and read in the data folder", source))
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Layout) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let layout = Arc::clone(&self.layout);
        blocking(move || work(&layout)).await
    }

    /// Tries until the upload is free, without holding a thread between the tries.
    async fn when_free<T: Send + 'static>(
        &self,
        work: impl Fn(&Layout) -> Result<T> + Send + Sync + 'static,
    ) -> Result<T> {
        let work = Arc::new(work);
        let mut pause = Duration::from_millis(1);
        loop {
            let attempt = Arc::clone(&work);
            match self.run(move |layout| attempt(layout)).await {
                Err(Error::UploadBusy) if pause < BUSY => tokio::time::sleep(pause).await,
                outcome => return outcome,
            }
            pause *= 2;
        }
    }
}

/// Does work that may wait for the disk where that holds up nobody else.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        // The runtime is shutting down, or the work has panicked.
        Err(error) => Err(Error::io("finish a task", io::Error::other(error))),
    }
}

fn check(layout: &Layout) -> io::Result<()> {
    const SAMPLE: [u8; 4096] = [0x5a; 4096];
    let temporary = place::Unfinished { path: layout.temporary(), armed: true };
    let mut file = File::options().read(true).write(true).create_new(true).open(&temporary.path)?;
    file.write_all(&SAMPLE)?;
    file.rewind()?;
    let mut read = Vec::with_capacity(SAMPLE.len());
    file.read_to_end(&mut read)?;
    if read == SAMPLE { Ok(()) } else { Err(io::Error::other("the bytes read are not those written")) }
}
