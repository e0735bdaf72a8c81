//! Keyrings: from the bytes of a file to the keys in it, whatever form they have.
//!
//! A keyring may hold thousands of keys, of which one is asked for. Reading it finds out where each key
//! is and which ids it has; a key is put together and checked when it is needed.

use std::ops::Range;
use std::path::Path;

use crate::armor;
use crate::entity::Entity;
use crate::error::Error;
use crate::file;
use crate::keybox::{is_keybox, keyblocks};
use crate::parts::{Part, Parts};

/// The largest keyring that is read: all developers of Debian fit in a tenth of it.
const LARGEST: u64 = 256 << 20;

/// Keys.
#[derive(Debug)]
pub struct Keyring {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

/// A key within the bytes.
#[derive(Debug)]
struct Entry {
    place: Range<usize>,
    /// Of the key and its subkeys.
    ids: Vec<u64>,
}

impl Keyring {
    /// Reads a keyring: packets of OpenPGP, a keybox, or armored text with one or more blocks.
    ///
    /// Keys that can't be used are left out, as long as there is one that can.
    ///
    /// # Errors
    ///
    /// What is wrong with the bytes or, if no key can be used, with the last of them. Nothing at all is
    /// a keyring without keys.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, Error> {
        if is_keybox(&bytes) {
            return Self::packets(keyblocks(&bytes)?);
        }
        if is_armored(&bytes) {
            return Self::armored(&bytes);
        }
        Self::packets(bytes)
    }

    /// Reads a keyring from a file.
    ///
    /// # Errors
    ///
    /// [`Error::File`] and [`Error::TooLarge`], and what [`Self::parse`] finds.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = file::read(path, LARGEST)?;
        let (keybox, armored) = (is_keybox(&bytes), is_armored(&bytes));
        Self::parse(bytes).map_err(|problem| {
            let (path, problem) = (path.to_owned(), Box::new(problem));
            match (&*problem, keybox, armored) {
                (Error::Keybox(_), true, _) => Error::KeyboxFile { path, problem },
                (_, false, true) => Error::ArmoredFile { path, problem },
                _ => *problem,
            }
        })
    }

    fn packets(bytes: Vec<u8>) -> Result<Self, Error> {
        let entries = entries(&bytes, 0)?;
        let keyring = Self { bytes, entries };
        keyring.require_a_key(0)
    }

    fn armored(text: &[u8]) -> Result<Self, Error> {
        let mut keyring = Self { bytes: Vec::new(), entries: Vec::new() };
        let mut rest = text;
        while let Some(block) = armor::next(&mut rest) {
            if !matches!(block.kind.as_str(), "PGP PUBLIC KEY BLOCK" | "PGP PRIVATE KEY BLOCK") {
                return Err(Error::OtherBlock(block.kind));
            }
            let known = keyring.entries.len();
            let data = block.data?;
            let found = entries(&data, keyring.bytes.len())?;
            keyring.bytes.extend_from_slice(&data);
            keyring.entries.extend(found);
            keyring = keyring.require_a_key(known)?;
        }
        if keyring.entries.is_empty() {
            return Err(Error::NoKeys);
        }
        Ok(keyring)
    }

    /// Fails if none of the entries from this one on is a key that can be used, but some try to be.
    fn require_a_key(self, from: usize) -> Result<Self, Error> {
        let mut problem = None;
        for entry in self.entries.get(from..).unwrap_or_default() {
            match self.entity(entry).and_then(|entity| entity.check()) {
                // What we can't do, others can.
                Ok(()) | Err(Error::Unsupported(_)) => return Ok(self),
                Err(error) => problem = Some(error),
            }
        }
        problem.map_or(Ok(self), Err)
    }

    /// Puts a key together.
    fn entity(&self, entry: &Entry) -> Result<Entity, Error> {
        let bytes = self.bytes.get(entry.place.clone()).unwrap_or_default();
        Entity::read(&mut Parts::new(bytes))?.ok_or(Error::NoKeys)
    }

    /// The keys that have this id, or a subkey that has it.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`], where such a key is there and we can't do its mathematics.
    pub(crate) fn with_id(&self, id: u64) -> impl Iterator<Item = Result<Entity, Error>> {
        let entries = self.entries.iter().filter(move |entry| entry.ids.contains(&id));
        entries.filter_map(|entry| sound(self.entity(entry).ok()?))
    }

    /// The keys with names in which this text is.
    ///
    /// # Errors
    ///
    /// As [`Self::with_id`].
    pub(crate) fn with_name(&self, part: &str) -> impl Iterator<Item = Result<Entity, Error>> {
        self.entries.iter().filter_map(move |entry| {
            let bytes = self.bytes.get(entry.place.clone())?;
            // Most keys have no such text anywhere, and need no closer look.
            if !contains(bytes, part.as_bytes()) {
                return None;
            }
            let entity = self.entity(entry).ok()?;
            let named = entity.identities.iter().any(|identity| contains(&identity.name, part.as_bytes()));
            if named { sound(entity) } else { None }
        })
    }
}

/// The key, if its signatures hold; an error if that can't be said.
fn sound(entity: Entity) -> Option<Result<Entity, Error>> {
    match entity.check() {
        Ok(()) => Some(Ok(entity)),
        Err(error @ Error::Unsupported(_)) => Some(Err(error)),
        Err(_) => None,
    }
}

/// Whether one text is in another.
pub(crate) fn contains(text: &[u8], part: &[u8]) -> bool {
    part.is_empty() || text.windows(part.len()).any(|window| window == part)
}

fn is_armored(bytes: &[u8]) -> bool {
    bytes.trim_ascii().starts_with(b"-----BEGIN PGP")
}

/// Where keys are in a stream of packets. What is no key is left out; if nothing is one, that is an
/// error.
fn entries(bytes: &[u8], offset: usize) -> Result<Vec<Entry>, Error> {
    let mut parts = Parts::new(bytes);
    let mut entries = Vec::new();
    let mut problem = None;
    loop {
        let start = parts.position();
        match Entity::read(&mut parts) {
            Ok(None) => break,
            Ok(Some(entity)) => {
                let subkeys = entity.subkeys.iter().map(|subkey| subkey.key.id);
                let ids = [entity.primary.id].into_iter().chain(subkeys).collect();
                entries.push(Entry { place: offset + start..offset + parts.position(), ids });
            }
            Err(error @ (Error::Malformed(_) | Error::Unsupported(_))) => {
                problem = Some(error);
                skip(&mut parts)?;
            }
            Err(error) => return Err(error),
        }
    }
    match problem {
        Some(problem) if entries.is_empty() => Err(problem),
        _ => Ok(entries),
    }
}

/// Goes on to where the next key begins.
fn skip(parts: &mut Parts<'_>) -> Result<(), Error> {
    while let Some(part) = parts.next()? {
        if matches!(part, Part::Key(..)) {
            parts.put_back(part);
            break;
        }
    }
    Ok(())
}
