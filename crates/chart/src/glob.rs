//! Patterns for file names, with the meaning of Go's `path.Match`.

/// A pattern: `*` and `?` don't match `/`, `[a-z]` and `[^a-z]` are classes, `\` escapes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern(Vec<Token>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// `*`: any number of letters other than `/`.
    Star,
    /// `?`: one letter other than `/`.
    One,
    Letter(char),
    /// One letter in one of the ranges, or in none of them; `/` is not special (nor is it in Go).
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

/// The pattern is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("syntax error in pattern")]
pub struct BadPattern;

impl PathPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// When it is none.
    pub fn parse(pattern: &str) -> Result<Self, BadPattern> {
        let mut tokens = Vec::new();
        let mut letters = pattern.chars().peekable();
        while let Some(letter) = letters.next() {
            tokens.push(match letter {
                '*' => Token::Star,
                '?' => Token::One,
                '[' => {
                    let negated = letters.next_if_eq(&'^').is_some();
                    let mut ranges = Vec::new();
                    loop {
                        if !ranges.is_empty() && letters.next_if_eq(&']').is_some() {
                            break;
                        }
                        let low = class_letter(&mut letters)?;
                        let high = match letters.next_if_eq(&'-') {
                            Some(_) => class_letter(&mut letters)?,
                            None => low,
                        };
                        ranges.push((low, high));
                    }
                    Token::Class { negated, ranges }
                }
                '\\' => Token::Letter(letters.next().ok_or(BadPattern)?),
                _ => Token::Letter(letter),
            });
        }
        Ok(Self(tokens))
    }

    /// Whether the whole name is matched.
    pub fn matches(&self, name: &str) -> bool {
        let name: Vec<char> = name.chars().collect();
        let (mut token, mut letter) = (0, 0);
        // Where to go on if what follows the last `*` doesn't fit: one letter more for it.
        let mut retry: Option<(usize, usize)> = None;
        loop {
            let matched = match (self.0.get(token), name.get(letter)) {
                (None, None) => return true,
                (Some(Token::Star), _) => {
                    retry = Some((token + 1, letter));
                    token += 1;
                    continue;
                }
                (Some(Token::One), Some(&found)) => found != '/',
                (Some(Token::Letter(wanted)), Some(found)) => wanted == found,
                (Some(Token::Class { negated, ranges }), Some(found)) => {
                    ranges.iter().any(|(low, high)| low <= found && found <= high) != *negated
                }
                (None, Some(_)) | (Some(_), None) => false,
            };
            if matched {
                token += 1;
                letter += 1;
                continue;
            }
            match retry {
                Some((after, from)) if name.get(from).is_some_and(|letter| *letter != '/') => {
                    retry = Some((after, from + 1));
                    (token, letter) = (after, from + 1);
                }
                _ => return false,
            }
        }
    }
}

fn class_letter(letters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<char, BadPattern> {
    match letters.next() {
        None | Some('-' | ']') => Err(BadPattern),
        Some('\\') => letters.next().ok_or(BadPattern),
        Some(letter) => Ok(letter),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn matches_as_go_does() {
        // From the documentation of Go's path.Match, and its corner cases.
        for (pattern, name, expected) in [
            ("abc", "abc", true),
            ("*", "abc", true),
            ("*c", "abc", true),
            ("a*", "a", true),
            ("a*", "ab/c", false),
            ("a*/b", "abc/b", true),
            ("a*/b", "a/c/b", false),
            ("a*b*c*d*e*/f", "axbxcxdxe/f", true),
            ("a*b*c*d*e*/f", "axbxcxdxexxx/f", true),
            ("a*b*c*d*e*/f", "axbxcxdxe/xxx/f", false),
            ("a*b?c*x", "abxbbxdbxebxczzx", true),
            ("a*b?c*x", "abxbbxdbxebxczzy", false),
            ("ab[c]", "abc", true),
            ("ab[b-d]", "abc", true),
            ("ab[e-g]", "abc", false),
            ("ab[^c]", "abc", false),
            ("ab[^e-g]", "abc", true),
            ("a\\*b", "a*b", true),
            ("a\\*b", "ab", false),
            ("a?b", "a☺b", true),
            ("a[^a]b", "a☺b", true),
            ("a???b", "a☺b", false),
            ("[a-ζ]*", "α", true),
            ("*[a-ζ]", "A", false),
            ("a?b", "a/b", false),
            ("a*b", "a/b", false),
            ("[\\]a]", "]", true),
            ("[\\-]", "-", true),
            ("[x\\-]", "-", true),
            ("*x", "xxx", true),
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("[b-a]", "b", false),
        ] {
            assert_eq!(PathPattern::parse(pattern).unwrap().matches(name), expected, "{pattern} {name}");
        }
        for pattern in ["[]a]", "[-]", "[x-]", "[-x]", "\\", "[a-b-c]", "[", "[^", "[^bc", "a[", "a[]"] {
            assert_eq!(PathPattern::parse(pattern), Err(BadPattern), "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn no_pattern_panics(pattern in "[]*?a^\\[/-]{0,12}", name in "[a/b]{0,12}") {
            if let Ok(glob) = PathPattern::parse(&pattern) {
                let _ = glob.matches(&name);
            }
        }
    }
}
