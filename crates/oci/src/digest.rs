//! Content digests: parsing, printing and computing them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::digest::common::hazmat::SerializableState;
use sha2::{Digest as _, Sha256, Sha512};

/// A registered digest algorithm (OCI image specification, descriptor, "Registered algorithms").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// SHA-256, 32 bytes. What every client uses unless told otherwise.
    Sha256,
    /// SHA-512, 64 bytes.
    Sha512,
}

impl Algorithm {
    /// The name as it stands before the colon of a digest.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    /// How many bytes a digest of this algorithm has.
    pub fn digest_len(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Algorithm {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        match text {
            "sha256" => Ok(Self::Sha256),
            "sha512" => Ok(Self::Sha512),
            _ => Err(DigestError::UnsupportedAlgorithm),
        }
    }
}

/// Why a text is not a digest that Chartroom can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DigestError {
    /// There is no `:` between an algorithm and its value.
    #[error("a digest has the form algorithm:hex, such as sha256:<64 hex digits>")]
    Form,
    /// The algorithm is well formed or not, but not one that is computed here.
    #[error("the digest algorithm is not supported; use sha256 or sha512")]
    UnsupportedAlgorithm,
    /// The value has the wrong length for the algorithm.
    #[error("a {0} digest has {len} hex digits", len = .0.digest_len() * 2)]
    Length(Algorithm),
    /// The value has characters other than `0-9a-f` (upper case is not allowed).
    #[error("a digest's value is written in lower-case hex digits")]
    Hex,
}

/// The digest of some content, such as `sha256:e3b0c4…`: the identity of a blob
/// or manifest (OCI image specification, descriptor, "Digests").
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest {
    algorithm: Algorithm,
    /// Zero beyond `algorithm.digest_len()`, so that the derived comparisons hold.
    bytes: [u8; 64],
}

impl Digest {
    /// Computes the digest of bytes that are wholly in memory.
    pub fn of(algorithm: Algorithm, content: &[u8]) -> Self {
        let mut digester = Digester::new(algorithm);
        digester.update(content);
        digester.finish()
    }

    /// The SHA-256 digest of bytes that are wholly in memory.
    pub fn sha256(content: &[u8]) -> Self {
        Self::of(Algorithm::Sha256, content)
    }

    /// Which algorithm the digest was made with.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The value without the algorithm, as lower-case hex digits. Safe as a file name.
    pub fn hex(&self) -> String {
        let mut text = String::with_capacity(128);
        self.push_hex(&mut text);
        text
    }

    /// The value as raw bytes, 32 or 64 of them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.algorithm.digest_len()]
    }

    fn push_hex(&self, text: &mut String) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        for byte in self.as_bytes() {
            text.push(DIGITS[usize::from(byte >> 4)] as char);
            text.push(DIGITS[usize::from(byte & 15)] as char);
        }
    }

    fn from_raw(algorithm: Algorithm, raw: &[u8]) -> Self {
        let mut bytes = [0; 64];
        bytes[..raw.len()].copy_from_slice(raw);
        Self { algorithm, bytes }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(136);
        text.push_str(self.algorithm.as_str());
        text.push(':');
        self.push_hex(&mut text);
        f.pad(&text)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let (algorithm, hex) = text.split_once(':').ok_or(DigestError::Form)?;
        let algorithm: Algorithm = algorithm.parse()?;
        if hex.len() != algorithm.digest_len() * 2 {
            return Err(DigestError::Length(algorithm));
        }
        let mut bytes = [0; 64];
        for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
            *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Ok(Self { algorithm, bytes })
    }
}

fn nibble(digit: u8) -> Result<u8, DigestError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(DigestError::Hex),
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Computes a digest piece by piece. Its state can be saved and taken up again
/// by another process, which is what lets an upload survive a restart.
#[derive(Clone, Debug)]
pub struct Digester(State);

#[derive(Clone, Debug)]
enum State {
    Sha256(Sha256),
    Sha512(Sha512),
}

/// A saved state that is not one: cut short, altered, or of another version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the saved state of a {0} computation can't be read")]
pub struct DigesterStateError(Algorithm);

impl Digester {
    /// Starts with nothing read.
    pub fn new(algorithm: Algorithm) -> Self {
        Self(match algorithm {
            Algorithm::Sha256 => State::Sha256(Sha256::new()),
            Algorithm::Sha512 => State::Sha512(Sha512::new()),
        })
    }

    /// Which algorithm is computed.
    pub fn algorithm(&self) -> Algorithm {
        match self.0 {
            State::Sha256(_) => Algorithm::Sha256,
            State::Sha512(_) => Algorithm::Sha512,
        }
    }

    /// Takes in the next bytes of the content.
    pub fn update(&mut self, content: &[u8]) {
        match &mut self.0 {
            State::Sha256(hasher) => hasher.update(content),
            State::Sha512(hasher) => hasher.update(content),
        }
    }

    /// The digest of all that was taken in.
    pub fn finish(self) -> Digest {
        match self.0 {
            State::Sha256(hasher) => Digest::from_raw(Algorithm::Sha256, &hasher.finalize()),
            State::Sha512(hasher) => Digest::from_raw(Algorithm::Sha512, &hasher.finalize()),
        }
    }

    /// The state as bytes (104 for SHA-256, 208 for SHA-512), for [`Digester::restore`].
    /// It holds up to one block of the content itself, so it is as secret as the content.
    pub fn save(&self) -> Vec<u8> {
        match &self.0 {
            State::Sha256(hasher) => hasher.serialize().to_vec(),
            State::Sha512(hasher) => hasher.serialize().to_vec(),
        }
    }

    /// Takes up a computation from [`Digester::save`].
    pub fn restore(algorithm: Algorithm, state: &[u8]) -> Result<Self, DigesterStateError> {
        let error = DigesterStateError(algorithm);
        Ok(Self(match algorithm {
            Algorithm::Sha256 => {
                let state = state.try_into().map_err(|_| error)?;
                State::Sha256(Sha256::deserialize(state).map_err(|_| error)?)
            }
            Algorithm::Sha512 => {
                let state = state.try_into().map_err(|_| error)?;
                State::Sha512(Sha512::deserialize(state).map_err(|_| error)?)
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use proptest::prelude::*;

    const EMPTY: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn the_digest_of_nothing_is_the_well_known_one() {
        assert_eq!(Digest::sha256(b"").to_string(), EMPTY);
        assert_eq!(EMPTY.parse::<Digest>(), Ok(Digest::sha256(b"")));
        assert!(Digest::of(Algorithm::Sha512, b"").to_string().starts_with("sha512:cf83e1357eefb8bd"));
    }

    #[test]
    fn malformed_digests_are_told_apart() {
        for (text, error) in [
            ("", DigestError::Form),
            ("sha256", DigestError::Form),
            ("md5:d41d8cd98f00b204e9800998ecf8427e", DigestError::UnsupportedAlgorithm),
            ("SHA256:e3b0", DigestError::UnsupportedAlgorithm),
            ("sha256:", DigestError::Length(Algorithm::Sha256)),
            ("sha256:baddigeststring", DigestError::Length(Algorithm::Sha256)),
            ("../../etc/passwd:00", DigestError::UnsupportedAlgorithm),
        ] {
            assert_eq!(text.parse::<Digest>(), Err(error), "{text}");
        }
        let upper = EMPTY.to_uppercase().replace("SHA256", "sha256");
        assert_eq!(upper.parse::<Digest>(), Err(DigestError::Hex));
        let traversal = format!("sha256:{}", "../".repeat(22).split_at(64).0);
        assert_eq!(traversal.parse::<Digest>(), Err(DigestError::Hex));
    }

    #[test]
    fn a_state_of_the_wrong_size_is_refused() {
        assert!(Digester::restore(Algorithm::Sha256, b"short").is_err());
        let state = Digester::new(Algorithm::Sha256).save();
        assert!(Digester::restore(Algorithm::Sha512, &state).is_err());
    }

    proptest! {
        #[test]
        fn any_text_parses_or_fails_without_panic(text in "\\PC{0,140}") {
            if let Ok(digest) = text.parse::<Digest>() {
                prop_assert_eq!(digest.to_string(), text);
            }
        }

        #[test]
        fn a_saved_computation_goes_on_where_it_stopped(
            content in proptest::collection::vec(any::<u8>(), 0..400),
            at in any::<proptest::sample::Index>(),
            wide in any::<bool>(),
        ) {
            let algorithm = if wide { Algorithm::Sha512 } else { Algorithm::Sha256 };
            let (first, second) = content.split_at(at.index(content.len() + 1));
            let mut digester = Digester::new(algorithm);
            digester.update(first);
            let mut resumed = Digester::restore(algorithm, &digester.save()).unwrap();
            resumed.update(second);
            let digest = resumed.finish();
            prop_assert_eq!(digest, Digest::of(algorithm, &content));
            prop_assert_eq!(digest.to_string().parse::<Digest>(), Ok(digest));
        }
    }
}
