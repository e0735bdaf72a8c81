//! Query strings: `?tag=a&tag=b&n=100`.

use std::borrow::Cow;

use crate::Error;

/// The parameters of a request, decoded, in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Query<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Query<'a> {
    /// Reads what stands after the `?`. `+` is a plus and not a space: nothing here has spaces,
    /// and versions have pluses.
    pub(crate) fn parse(query: Option<&'a str>) -> Result<Self, Error> {
        let mut parameters = Vec::new();
        for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            parameters.push((decode(key)?, decode(value)?));
        }
        Ok(Self(parameters))
    }

    /// The first value of a parameter.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.all(key).next()
    }

    /// All values of a parameter that may be repeated.
    pub(crate) fn all(&self, key: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(found, _)| found == key).map(|(_, value)| &**value)
    }

    /// The page size `n`: `default` if it is not given, and never more than `default`.
    pub(crate) fn page_size(&self, default: usize) -> Result<usize, Error> {
        match self.get("n") {
            None => Ok(default),
            Some(digits) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                Ok(digits.parse().unwrap_or(default).min(default))
            }
            Some(_) => Err(Error::InvalidParameter("n is a number, zero or more".to_owned())),
        }
    }
}

fn decode(text: &str) -> Result<Cow<'_, str>, Error> {
    percent_encoding::percent_decode_str(text)
        .decode_utf8()
        .map_err(|_| Error::InvalidParameter("the query is not UTF-8".to_owned()))
}

/// Writes a value so that it can stand in a query.
pub(crate) fn encode(value: &str) -> impl std::fmt::Display + '_ {
    const KEEP: &percent_encoding::AsciiSet =
        &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    percent_encoding::utf8_percent_encode(value, KEEP)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn parameters_may_be_repeated_and_encoded() {
        let query = Query::parse(Some("tag=a&tag=b%2Bc&&n=5&x")).unwrap();
        assert_eq!(query.all("tag").collect::<Vec<_>>(), ["a", "b+c"]);
        assert_eq!(query.get("x"), Some(""));
        assert_eq!(query.get("y"), None);
        assert_eq!(query.page_size(100).unwrap(), 5);
        assert!(Query::parse(Some("a=%ff")).is_err());
    }

    #[test]
    fn page_sizes_are_bounded() {
        for (query, expected) in [("", Some(100)), ("n=0", Some(0)), ("n=99999999999999999999999", Some(100))]
        {
            assert_eq!(Query::parse(Some(query)).unwrap().page_size(100).ok(), expected);
        }
        for query in ["n=", "n=-1", "n=+1", "n=x", "n=1.5"] {
            assert!(Query::parse(Some(query)).unwrap().page_size(100).is_err(), "{query}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_reads_back(value in "\\PC{0,20}") {
            let text = format!("last={}", encode(&value));
            let query = Query::parse(Some(&text)).unwrap();
            prop_assert_eq!(query.get("last"), Some(value.as_str()));
        }

        #[test]
        fn no_query_panics(text in "\\PC{0,60}") {
            let _ = Query::parse(Some(&text));
        }
    }
}
