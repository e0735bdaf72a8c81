//! What can be wrong with a value, in the words of the Go library that Helm uses. Its messages go
//! through a printer for English: numbers have commas between thousands.

use std::fmt;

use chartroom_chart::go_text;

use super::equality::weight;
use crate::values::go_json::Json;
use crate::values::go_print;

/// Why a value doesn't fit a schema, and why so in turn.
#[derive(Debug)]
pub(super) struct Misfit {
    /// A JSON pointer to the value.
    pub(super) at: String,
    pub(super) kind: Kind,
    pub(super) causes: Vec<Misfit>,
}

#[derive(Debug)]
pub(super) enum Kind {
    /// It was only asked whether a value fits.
    Unsaid,
    /// Several things are wrong.
    Group,
    /// What a reference leads to says no.
    Reference,
    FalseSchema,
    /// Two ways to the same schema, and where it is.
    Cycle(String, String, String),
    Type(&'static str, Vec<&'static str>),
    Const(Json),
    Enum(Vec<Json>),
    /// A text, the format, and what is wrong.
    Format(String, &'static str, String),
    MinProperties(usize, i64),
    MaxProperties(usize, i64),
    MinItems(usize, i64),
    MaxItems(usize, i64),
    AdditionalItems(usize),
    Required(Vec<String>),
    /// What has to be there beside a property.
    Dependency(String, Vec<String>),
    AdditionalProperties(Vec<String>),
    PropertyNames(String),
    UniqueItems(usize, usize),
    Contains,
    MinContains(Vec<usize>, i64),
    MaxContains(Vec<usize>, i64),
    MinLength(usize, i64),
    MaxLength(usize, i64),
    Pattern(String, String),
    /// A keyword, the number, and the bound.
    Bound(&'static str, f64, f64),
    Not,
    AllOf,
    AnyOf,
    OneOf(Option<(usize, usize)>),
}

/// How much is said of what is wrong.
const MAX_LENGTH: usize = 1 << 20;

impl Misfit {
    /// About how much it takes: a step for each 64 bytes.
    pub(super) fn weight(&self) -> usize {
        let names = |names: &[String]| names.iter().map(|name| 24 + name.len()).sum::<usize>();
        let more = match &self.kind {
            Kind::Const(value) => 64 * weight(value),
            Kind::Enum(values) => values.iter().map(|value| 64 * weight(value)).sum(),
            Kind::Format(one, _, other) | Kind::Pattern(one, other) => one.len() + other.len(),
            Kind::Required(missing) | Kind::Dependency(_, missing) => names(missing),
            Kind::AdditionalProperties(surplus) => names(surplus),
            Kind::MinContains(at, _) | Kind::MaxContains(at, _) => 8 * at.len(),
            _ => 0,
        };
        1 + (self.at.len() + more) / 64
    }

    /// Writes a list of what is wrong: a line for each, causes indented below it.
    pub(super) fn write(&self, text: &mut String, indent: usize) {
        if text.len() > MAX_LENGTH {
            return;
        }
        let mut indent = indent;
        let is_detour = matches!(self.kind, Kind::Reference) && self.causes.len() == 1;
        if !is_detour {
            let margin = "  ".repeat(indent);
            text.push_str(&format!("\n{margin}- at {}: {}", Quoted(&self.at), self.kind));
            indent += 1;
        }
        for cause in &self.causes {
            cause.write(text, indent);
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes = |f: &mut fmt::Formatter<'_>, keyword: &str, got: &usize, want: &i64| {
            write!(f, "{keyword}: got {}, want {}", grouped(got), grouped(want))
        };
        match self {
            Self::Unsaid => Ok(()),
            Self::Group | Self::Reference => f.write_str("validation failed"),
            Self::FalseSchema => f.write_str("false schema"),
            Self::Cycle(one, other, url) => {
                let url = go_text::quote(url);
                write!(f, "both {one} and {other} resolve to {url} causing reference cycle")
            }
            Self::Type(got, want) => write!(f, "got {got}, want {}", want.join(" or ")),
            Self::Const(want) if is_composite(want) => f.write_str("'const' failed"),
            Self::Const(want) => write!(f, "value must be {}", shown(want)),
            Self::Enum(want) if want.iter().any(is_composite) => f.write_str("'enum' failed"),
            Self::Enum(want) => match want.as_slice() {
                [only] => write!(f, "value must be {}", shown(only)),
                want => {
                    let want: Vec<String> = want.iter().map(shown).collect();
                    write!(f, "value must be one of {}", want.join(", "))
                }
            },
            Self::Format(got, want, problem) => write!(f, "{} is not valid {want}: {problem}", Quoted(got)),
            Self::MinProperties(got, want) => sizes(f, "minProperties", got, want),
            Self::MaxProperties(got, want) => sizes(f, "maxProperties", got, want),
            Self::MinItems(got, want) => sizes(f, "minItems", got, want),
            Self::MaxItems(got, want) => sizes(f, "maxItems", got, want),
            Self::MinLength(got, want) => sizes(f, "minLength", got, want),
            Self::MaxLength(got, want) => sizes(f, "maxLength", got, want),
            Self::AdditionalItems(count) => {
                write!(f, "last {} additionalItem(s) not allowed", grouped(count))
            }
            Self::Required(missing) => {
                let noun = if missing.len() == 1 { "property" } else { "properties" };
                write!(f, "missing {noun} {}", list(missing))
            }
            Self::Dependency(of, missing) => {
                write!(f, "properties {} required, if {} exists", list(missing), Quoted(of))
            }
            Self::AdditionalProperties(names) => {
                write!(f, "additional properties {} not allowed", list(names))
            }
            Self::PropertyNames(name) => write!(f, "invalid propertyName {}", Quoted(name)),
            Self::UniqueItems(one, other) => {
                write!(f, "items at {} and {} are equal", grouped(one), grouped(other))
            }
            Self::Contains => f.write_str("no items match contains schema"),
            Self::MinContains(got, want) => {
                write!(f, "min {} items required to match contains schema, but ", grouped(want))?;
                if got.is_empty() { f.write_str("none matched") } else { matched(f, got) }
            }
            Self::MaxContains(got, want) => {
                write!(f, "max {} items required to match contains schema, but ", grouped(want))?;
                matched(f, got)
            }
            Self::Pattern(got, want) => write!(f, "{} does not match pattern {}", Quoted(got), Quoted(want)),
            Self::Bound(keyword, got, want) => {
                write!(f, "{keyword}: got {}, want {}", english(*got), english(*want))
            }
            Self::Not => f.write_str("'not' failed"),
            Self::AllOf => f.write_str("'allOf' failed"),
            Self::AnyOf => f.write_str("'anyOf' failed"),
            Self::OneOf(None) => f.write_str("'oneOf' failed, none matched"),
            Self::OneOf(Some((one, other))) => {
                write!(f, "'oneOf' failed, subschemas {}, {} matched", grouped(one), grouped(other))
            }
        }
    }
}

fn matched(f: &mut fmt::Formatter<'_>, at: &[usize]) -> fmt::Result {
    let places: Vec<String> = at.iter().map(ToString::to_string).collect();
    write!(f, "matched {} items at {}", grouped(&at.len()), places.join(" "))
}

fn is_composite(value: &Json) -> bool {
    matches!(value, Json::List(_) | Json::Object(_))
}

/// A value that has no parts.
fn shown(value: &Json) -> String {
    match value {
        Json::Null => "<nil>".into(),
        Json::Bool(truth) => truth.to_string(),
        Json::Number(text) => text.clone(),
        Json::String(text) => Quoted(text).to_string(),
        Json::List(_) | Json::Object(_) => "value".into(),
    }
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| Quoted(name).to_string()).collect::<Vec<_>>().join(", ")
}

/// A text in single quotes.
pub(super) struct Quoted<'a>(pub(super) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = go_text::quote(self.0).to_string();
        // As in the Go library: what ends in a backslash loses one.
        let text = text.replace("\\\"", "\"").replace('\'', "\\'");
        write!(f, "'{}'", text.get(1..text.len() - 1).unwrap_or_default())
    }
}

/// An integer with commas.
fn grouped(number: &(impl fmt::Display + ?Sized)) -> String {
    let text = number.to_string();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", &text[..]),
    };
    let mut grouped = String::from(sign);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A number as English readers want it: with commas, or as `1.5×10⁰⁶`.
fn english(number: f64) -> String {
    let text = go_print::float(number);
    if let Some((digits, exponent)) = text.split_once('e') {
        let raised = exponent.chars().filter_map(|letter| match letter {
            '-' => Some('⁻'),
            digit => "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().nth(digit.to_digit(10)? as usize),
        });
        return format!("{digits}×10{}", raised.collect::<String>());
    }
    match text.split_once('.') {
        Some((whole, fraction)) => format!("{}.{fraction}", grouped(whole)),
        None => grouped(&text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_english() {
        for (number, text) in [
            (0.0, "0"),
            (-1.0, "-1"),
            (999.0, "999"),
            (-1000.0, "-1,000"),
            (123_456.789_012_345, "123,456.789012345"),
            (999_999.0, "999,999"),
            (1e6, "1×10⁰⁶"),
            (12_345_678.9, "1.23456789×10⁰⁷"),
            (1e100, "1×10¹⁰⁰"),
            (0.0001, "0.0001"),
            (1.2345e-5, "1.2345×10⁻⁰⁵"),
            (1e-300, "1×10⁻³⁰⁰"),
        ] {
            assert_eq!(english(number), text);
        }
        assert_eq!(grouped(&1_234_567), "1,234,567");
    }

    #[test]
    fn texts_are_in_single_quotes() {
        assert_eq!(Quoted("a\"b'c\\d\n").to_string(), r#"'a"b\'c\\d\n'"#);
    }
}
