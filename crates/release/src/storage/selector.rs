//! Selectors of labels, as Kubernetes writes them: `a=b,c!=d,e in (f,g),!h`.

use std::collections::BTreeMap;

use crate::error::{Error, Result};

/// What labels have to be like. Without any requirement, all will do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selector(Vec<Requirement>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Requirement {
    key: String,
    operator: Operator,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Operator {
    Exists,
    Absent,
    In(Vec<String>),
    NotIn(Vec<String>),
    Greater(i64),
    Less(i64),
}

/// A piece of a selector.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Sign(&'static str),
}

impl Selector {
    /// Reads a selector.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let mut tokens = tokens(text).into_iter().peekable();
        let mut requirements = Vec::new();
        let fail = |found: Option<&Token>, expected: &str| {
            let found = match found {
                None => "''".to_owned(),
                Some(Token::Word(word)) => format!("'{word}'"),
                Some(Token::Sign(sign)) => format!("'{sign}'"),
            };
            Err(Error::Selector(format!("unable to parse requirement: found {found}, expected: {expected}")))
        };
        while let Some(token) = tokens.next() {
            let key = match token {
                Token::Sign("!") => match tokens.next() {
                    Some(Token::Word(key)) => {
                        requirements.push(Requirement { key, operator: Operator::Absent });
                        match tokens.next() {
                            None => break,
                            Some(Token::Sign(",")) if tokens.peek().is_some() => continue,
                            other => return fail(other.as_ref(), "',' or 'end of string'"),
                        }
                    }
                    other => return fail(other.as_ref(), "identifier"),
                },
                Token::Word(key) => key,
                sign => return fail(Some(&sign), "!, identifier, or 'end of string'"),
            };
            let operator = match tokens.peek() {
                None | Some(Token::Sign(",")) => Operator::Exists,
                _ => match tokens.next() {
                    Some(Token::Sign(sign @ ("=" | "==" | "!=" | ">" | "<"))) => {
                        let value = match tokens.peek() {
                            Some(Token::Word(_)) => match tokens.next() {
                                Some(Token::Word(word)) => word,
                                _ => String::new(),
                            },
                            None | Some(Token::Sign(",")) => String::new(),
                            other => return fail(other, "identifier"),
                        };
                        match sign {
                            "!=" => Operator::NotIn(vec![value]),
                            ">" | "<" => {
                                let number = value.parse().map_err(|_| {
                                    Error::Selector(format!(
                                        "values[0][{key}]: Invalid value: {value:?}: for 'Gt', 'Lt' operators, the value must be an integer"
                                    ))
                                })?;
                                if sign == ">" { Operator::Greater(number) } else { Operator::Less(number) }
                            }
                            _ => Operator::In(vec![value]),
                        }
                    }
                    Some(Token::Word(word)) if word == "in" || word == "notin" => {
                        let mut values = Vec::new();
                        match tokens.next() {
                            Some(Token::Sign("(")) => {}
                            other => return fail(other.as_ref(), "'('"),
                        }
                        loop {
                            match tokens.next() {
                                Some(Token::Word(value)) => values.push(value),
                                Some(Token::Sign(",")) if !values.is_empty() => {}
                                other => return fail(other.as_ref(), "',', ')' or identifier"),
                            }
                            match tokens.next() {
                                Some(Token::Sign(",")) => {}
                                Some(Token::Sign(")")) => break,
                                other => return fail(other.as_ref(), "',' or ')'"),
                            }
                        }
                        if word == "in" { Operator::In(values) } else { Operator::NotIn(values) }
                    }
                    other => return fail(other.as_ref(), "in, notin, =, ==, !=, gt, lt"),
                },
            };
            requirements.push(Requirement { key, operator });
            match tokens.next() {
                None => break,
                Some(Token::Sign(",")) if tokens.peek().is_some() => {}
                Some(Token::Sign(",")) => {
                    return Err(Error::Selector("found '', expected: identifier after ','".to_owned()));
                }
                other => return fail(other.as_ref(), "',' or 'end of string'"),
            }
        }
        Ok(Self(requirements))
    }

    /// Whether labels are like that.
    pub(crate) fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.0.iter().all(|requirement| {
            let value = labels.get(&requirement.key);
            let number = || value.and_then(|value| value.parse::<i64>().ok());
            match &requirement.operator {
                Operator::Exists => value.is_some(),
                Operator::Absent => value.is_none(),
                Operator::In(values) => value.is_some_and(|value| values.contains(value)),
                Operator::NotIn(values) => value.is_none_or(|value| !values.contains(value)),
                Operator::Greater(bound) => number().is_some_and(|number| number > *bound),
                Operator::Less(bound) => number().is_some_and(|number| number < *bound),
            }
        })
    }
}

fn tokens(text: &str) -> Vec<Token> {
    const SIGNS: [&str; 9] = ["==", "!=", "=", "!", ">", "<", ",", "(", ")"];
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            tokens.push(Token::Sign(sign));
            rest = rest.get(sign.len()..).unwrap_or_default();
        } else {
            let ends = |letter: char| letter.is_whitespace() || "=!><,()".contains(letter);
            let (word, tail) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
            tokens.push(Token::Word(word.to_owned()));
            rest = tail;
        }
        rest = rest.trim_start();
    }
    tokens
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn selectors_choose() {
        let labels = BTreeMap::from(
            [("team", "blue"), ("tier", "3"), ("empty", "")].map(|(a, b)| (a.to_owned(), b.to_owned())),
        );
        for (text, expected) in [
            ("", true),
            ("team=blue", true),
            ("team == blue , tier=3", true),
            ("team!=blue", false),
            ("other!=x", true),
            ("team", true),
            ("!team", false),
            ("!other,team", true),
            ("team in (red, blue)", true),
            ("team notin (red, blue)", false),
            ("tier>2", true),
            ("tier<3", false),
            ("empty=", true),
            ("team=", false),
        ] {
            assert_eq!(Selector::parse(text).unwrap().matches(&labels), expected, "{text}");
        }
        for text in ["=", "a b", "a in b", "a=b,", "a in (b", "a>x", "!", "a=(", "(a)"] {
            assert!(Selector::parse(text).is_err(), "{text}");
        }
    }
}
