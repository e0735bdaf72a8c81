//! What is signed: the chart's metadata, and the digests of files by their names.

use std::collections::BTreeMap;

use chartroom_goyaml::{self as goyaml, Value};

use crate::error::Error;

/// What stands between the metadata and the digests: the end of a YAML document. Its beginning, `---`,
/// may not stand in a signed text.
const BETWEEN: &str = "\n...\n";

/// The text to be signed for an archive.
///
/// `metadata` is what `Chart.yaml` in the archive says, as YAML; `digest` is `sha256:…`.
///
/// # Errors
///
/// [`Error::Checksums`], for a name that can't be written.
pub fn signed_text(metadata: &str, file_name: &str, digest: &str) -> Result<String, Error> {
    let files = BTreeMap::from([(file_name, digest)]);
    let sums = goyaml::to_string(&BTreeMap::from([("files", files)]));
    let sums = sums.map_err(|error| Error::Checksums(error.to_string()))?;
    Ok(format!("{metadata}{BETWEEN}{sums}"))
}

/// The digests that were signed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checksums {
    /// `sha256:…` by the file's name.
    pub files: BTreeMap<String, String>,
}

impl Checksums {
    /// Reads them from a signed text. The metadata before them is not looked at: what counts is that of
    /// the archive, which the digest stands for.
    ///
    /// # Errors
    ///
    /// [`Error::NoChecksums`] and [`Error::Checksums`].
    pub fn parse(text: &[u8]) -> Result<Self, Error> {
        let mut parts = Parts { rest: Some(text) };
        parts.next();
        let sums = parts.next().ok_or(Error::NoChecksums)?;
        let sums = std::str::from_utf8(sums).map_err(|_| {
            Error::Checksums("error converting YAML to JSON: yaml: invalid leading UTF-8 octet".to_owned())
        })?;
        let value = goyaml::decode(sums).map_err(|error| Error::Checksums(error.to_string()))?;
        let fields = match &value {
            Value::Null => return Ok(Self::default()),
            Value::Map(fields) => fields,
            other => return Err(misfit(other, "Go value of type provenance.SumCollection")),
        };
        let mut files = BTreeMap::new();
        for (key, value) in fields {
            // Digests of images were once thought of. They are read, and mean nothing.
            let known = ["files", "images"].into_iter().find(|known| key.eq_ignore_ascii_case(known));
            let Some(field) = known else { continue };
            let sums = texts(field, value)?;
            if field == "files" {
                files.extend(sums);
            }
        }
        Ok(Self { files })
    }

    /// Checks that this is the digest that was signed for a file.
    ///
    /// # Errors
    ///
    /// [`Error::OtherFile`] and [`Error::OtherContent`].
    pub fn check(&self, file_name: &str, digest: &str) -> Result<(), Error> {
        let signed =
            self.files.get(file_name).ok_or_else(|| Error::OtherFile { name: file_name.to_owned() })?;
        if signed != digest {
            let (name, signed, actual) = (file_name.to_owned(), signed.clone(), digest.to_owned());
            return Err(Error::OtherContent { name, signed, actual });
        }
        Ok(())
    }
}

/// What stands between the separators.
struct Parts<'a> {
    rest: Option<&'a [u8]>,
}

impl<'a> Iterator for Parts<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest.take()?;
        let at = rest.windows(BETWEEN.len()).position(|window| window == BETWEEN.as_bytes());
        let Some(at) = at else { return Some(rest) };
        self.rest = rest.get(at + BETWEEN.len()..);
        rest.get(..at)
    }
}

fn texts(field: &str, value: &Value) -> Result<BTreeMap<String, String>, Error> {
    let place = format!("Go struct field .{field} of type");
    let entries = match value {
        Value::Null => return Ok(BTreeMap::new()),
        Value::Map(entries) => entries,
        other => return Err(misfit(other, &format!("{place} map[string]string"))),
    };
    let text = |value| scalar(value).ok_or_else(|| misfit(value, &format!("{place} string")));
    entries.iter().map(|(name, value)| Ok((name.clone(), text(value)?))).collect()
}

/// Where a text is wanted, other scalars are made one.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::String(text) => Some(text.clone()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Int(number) => Some(number.to_string()),
        Value::Uint(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        Value::List(_) | Value::Map(_) => None,
    }
}

fn misfit(value: &Value, place: &str) -> Error {
    let kind = value.json_kind();
    let text = "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal";
    Error::Checksums(format!("{text} {kind} into {place}"))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_text_is_metadata_and_digest() {
        let text = signed_text("name: x\nversion: 1.0.0\n", "x-1.0.0.tgz", "sha256:ab").unwrap();
        assert_eq!(text, "name: x\nversion: 1.0.0\n\n...\nfiles:\n  x-1.0.0.tgz: sha256:ab\n");
        let sums = Checksums::parse(text.as_bytes()).unwrap();
        sums.check("x-1.0.0.tgz", "sha256:ab").unwrap();
        assert_eq!(
            sums.check("y.tgz", "sha256:ab").unwrap_err().to_string(),
            "provenance does not contain a SHA for a file named \"y.tgz\""
        );
        assert_eq!(
            sums.check("x-1.0.0.tgz", "sha256:cd").unwrap_err().to_string(),
            "sha256 sum does not match for x-1.0.0.tgz: \"sha256:ab\" != \"sha256:cd\""
        );
    }

    #[test]
    fn other_texts_are_refused() {
        let message = |text: &str| Checksums::parse(text.as_bytes()).unwrap_err().to_string();
        assert_eq!(message("files:\n  a: b\n"), "message block must have at least two parts");
        assert!(
            message("x\n...\n[a]\n")
                .ends_with("cannot unmarshal array into Go value of type provenance.SumCollection")
        );
        assert!(
            message("x\n...\nfiles: [a]\n").contains("cannot unmarshal array into Go struct field .files")
        );
        assert!(message("x\n...\nfiles: {a: {}}\n").contains("cannot unmarshal object into"));
        assert!(
            message("x\n...\nimages: 5\n")
                .ends_with("into Go struct field .images of type map[string]string")
        );
        assert!(message("x\n...\nfiles: {\n").starts_with("error converting YAML to JSON: yaml: "));
        for empty in
            ["x\n...\n", "x\n...\nimages: {a: b}\n", "x\n...\nfiles:\n", "x\n...\n~\n...\nfiles: {a: b}"]
        {
            assert_eq!(Checksums::parse(empty.as_bytes()).unwrap(), Checksums::default(), "{empty}");
        }
    }

    proptest! {
        #[test]
        fn any_name_is_read_as_it_was_written(name in "\\PC{1,30}", metadata in "[a-z: \n]{0,40}") {
            let text = signed_text(&metadata, &name, "sha256:00").unwrap();
            let sums = Checksums::parse(text.as_bytes()).unwrap();
            prop_assert_eq!(sums.files.get(&name).map(String::as_str), Some("sha256:00"));
        }

        #[test]
        fn nothing_makes_it_panic(text in "(\n...\n|files:|[ a-z:{}\\[\\]\n&*!|>-]{0,9}){0,9}") {
            let _ = Checksums::parse(text.as_bytes());
        }
    }
}
