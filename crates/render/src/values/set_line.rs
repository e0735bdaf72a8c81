//! The grammars of `--set` and its kin: `a.b=1,c[0]=x,d={y,z}`.
//!
//! What the flags of Helm do with a line that is half wrong has its oddities: `a[1` and `a.b.` set
//! nothing and are no errors, `=b` is dropped. They are kept.

use std::collections::BTreeMap;
use std::str::Chars;

use chartroom_chart::go_text::{quote, quote_letter};
use chartroom_goyaml::Value;

use super::go_json;

type Table = BTreeMap<String, Value>;

/// The highest index of a list.
const MAX_INDEX: i64 = 65_536;
/// How many names may be inside of each other.
const MAX_NAMES: usize = 30;
/// How many lists may be inside of each other. Helm has no bound.
const MAX_LISTS: usize = 300;
/// How many nulls all lines together may put in front of an element. Helm has no bound.
pub(super) const MAX_PADDING: usize = 16 * (MAX_INDEX as usize + 1);

/// What becomes of the text behind the `=`.
pub(super) enum Kind<'r> {
    /// `--set`: true, false, null and whole numbers are what they look like.
    Typed,
    /// `--set-string`: it stays text.
    Text,
    /// `--set-file`: it names a file.
    File(&'r mut dyn FnMut(&str) -> Result<Value, String>),
    /// `--set-json`: it is JSON.
    Json,
    /// `--set-literal`: all that is left of the line, as it stands.
    Literal,
}

/// Why reading stopped.
enum Stop {
    /// The line ended. Helm takes that for success wherever it happens.
    End,
    Problem(String),
}

/// Sets what a line says. `padding` is how many nulls may still be made.
pub(super) fn set(line: &str, kind: Kind<'_>, padding: &mut usize, values: &mut Table) -> Result<(), String> {
    let mut line = Line { rest: line.chars(), kind, padding };
    loop {
        match line.key(values, 0, 0) {
            Ok(()) => {}
            Err(Stop::End) => return Ok(()),
            Err(Stop::Problem(problem)) => return Err(problem),
        }
    }
}

struct Line<'a, 'r> {
    rest: Chars<'a>,
    kind: Kind<'r>,
    padding: &'a mut usize,
}

/// A value, or where a list would have to begin something else.
enum Listed {
    List(Vec<Value>),
    Other,
}

impl Line<'_, '_> {
    /// Reads to one of these letters, which is given back; or to the end.
    fn until(&mut self, stops: &[char]) -> (String, Option<char>) {
        let literal = matches!(self.kind, Kind::Literal);
        let mut text = String::new();
        while let Some(letter) = self.rest.next() {
            if stops.contains(&letter) {
                return (text, Some(letter));
            }
            if letter == '\\' && !literal {
                text.extend(self.rest.next());
            } else {
                text.push(letter);
            }
        }
        (text, None)
    }

    fn key(&mut self, table: &mut Table, names: usize, lists: usize) -> Result<(), Stop> {
        let literal = matches!(self.kind, Kind::Literal);
        let stops: &[char] = if literal { &['=', '[', '.'] } else { &['=', '[', ',', '.'] };
        let (key, stop) = self.until(stops);
        match stop {
            Some('[') => {
                let index = self.index()?;
                let mut list = match table.get_mut(&key) {
                    None => Vec::new(),
                    Some(Value::List(list)) => std::mem::take(list),
                    Some(other) => return Err(wrong_type(other, "[]interface {}")),
                };
                let outcome = self.item(&mut list, index, names, lists);
                put(table, key, Value::List(list));
                outcome
            }
            Some('=') => match self.value() {
                Ok(value) => {
                    put(table, key, value);
                    Ok(())
                }
                Err(Stop::End) => {
                    put(table, key, Value::String(String::new()));
                    Err(Stop::End)
                }
                Err(problem) => Err(problem),
            },
            Some('.') => {
                if names >= MAX_NAMES {
                    return Err(Stop::Problem(format!(
                        "value name nested level is greater than maximum supported nested level of {MAX_NAMES}"
                    )));
                }
                let mut new = Table::new();
                let (outcome, is_empty) = match table.get_mut(&key) {
                    None => (self.key(&mut new, names + 1, lists), new.is_empty()),
                    Some(Value::Map(below)) => (self.key(below, names + 1, lists), below.is_empty()),
                    Some(other) => return Err(wrong_type(other, "map[string]interface {}")),
                };
                if outcome.is_ok() && is_empty {
                    return Err(Stop::Problem(format!("key map {} has no value", quote(&key))));
                }
                if !new.is_empty() {
                    put(table, key, Value::Map(new));
                }
                outcome
            }
            Some(_) => {
                let key = quote(&key);
                Err(Stop::Problem(format!("key {key} has no value (cannot end with ,)")))
            }
            None if key.is_empty() => Err(Stop::End),
            None => Err(Stop::Problem(format!("key {} has no value", quote(&key)))),
        }
    }

    /// The number in front of a `]`.
    fn index(&mut self) -> Result<i64, Stop> {
        let (text, stop) = self.until(&[']']);
        if stop.is_none() {
            return Err(Stop::End);
        }
        text.parse().map_err(|error: std::num::ParseIntError| {
            use std::num::IntErrorKind::{NegOverflow, PosOverflow};
            let problem = match error.kind() {
                PosOverflow | NegOverflow => "value out of range",
                _ => "invalid syntax",
            };
            let text = quote(&text);
            Stop::Problem(format!("error parsing index: strconv.Atoi: parsing {text}: {problem}"))
        })
    }

    /// What stands behind a `]`.
    fn item(&mut self, list: &mut Vec<Value>, index: i64, names: usize, lists: usize) -> Result<(), Stop> {
        if lists >= MAX_LISTS {
            return Err(Stop::Problem(format!(
                "list nested level is greater than maximum supported nested level of {MAX_LISTS}"
            )));
        }
        let at = usize::try_from(index)
            .map_err(|_| Stop::Problem(format!("negative {index} index not allowed")))?;
        let (stray, stop) = self.until(&['[', '.', '=']);
        if !stray.is_empty() {
            let stray: Vec<String> = stray.chars().map(|letter| quote_letter(letter).to_string()).collect();
            let stray = stray.join(" ");
            return Err(Stop::Problem(format!("unexpected data at end of array index: [{stray}]")));
        }
        let value = match stop {
            None => return Err(Stop::End),
            Some('[') => {
                let next = self.index()?;
                let mut inner = match list.get_mut(at) {
                    None | Some(Value::Null) => Vec::new(),
                    Some(Value::List(inner)) => std::mem::take(inner),
                    Some(other) => return Err(wrong_type(other, "[]interface {}")),
                };
                match self.item(&mut inner, next, names, lists + 1) {
                    Ok(()) => Value::List(inner),
                    Err(stop) => {
                        if let Some(place @ Value::List(_)) = list.get_mut(at) {
                            *place = Value::List(inner);
                        }
                        return Err(stop);
                    }
                }
            }
            Some('.') => {
                let mut new = Table::new();
                match list.get_mut(at) {
                    None => {
                        self.key(&mut new, names, lists + 1)?;
                        Value::Map(new)
                    }
                    Some(place) => {
                        if !matches!(place, Value::Map(_)) {
                            *place = Value::Map(new);
                        }
                        return match place {
                            Value::Map(inner) => self.key(inner, names, lists + 1),
                            _ => Ok(()),
                        };
                    }
                }
            }
            Some(_) => match self.value() {
                Err(Stop::End) => Value::String(String::new()),
                other => other?,
            },
        };
        self.put_at(list, index, at, value)
    }

    fn put_at(&mut self, list: &mut Vec<Value>, index: i64, at: usize, value: Value) -> Result<(), Stop> {
        if index > MAX_INDEX {
            return Err(Stop::Problem(format!(
                "index of {index} is greater than maximum supported index of {MAX_INDEX}"
            )));
        }
        if let Some(place) = list.get_mut(at) {
            *place = value;
            return Ok(());
        }
        let padding = at - list.len();
        let Some(left) = self.padding.checked_sub(padding) else {
            return Err(Stop::Problem("the indices need too many empty elements".into()));
        };
        *self.padding = left;
        list.resize(at, Value::Null);
        list.push(value);
        Ok(())
    }

    /// What stands behind a `=`. The end is where there is nothing at all.
    fn value(&mut self) -> Result<Value, Stop> {
        match self.kind {
            Kind::Literal => {
                let rest = self.rest.as_str().to_owned();
                self.rest = "".chars();
                Ok(Value::String(rest))
            }
            Kind::Json => self.json(),
            _ => match self.list()? {
                Listed::List(list) => Ok(Value::List(list)),
                Listed::Other => {
                    let (text, _) = self.until(&[',']);
                    self.convert(text)
                }
            },
        }
    }

    /// `{a,b}`.
    fn list(&mut self) -> Result<Listed, Stop> {
        match self.rest.clone().next() {
            None => return Err(Stop::End),
            Some('{') => self.rest.next(),
            Some(_) => return Ok(Listed::Other),
        };
        let mut list = Vec::new();
        loop {
            let (text, stop) = self.until(&[',', '}']);
            match stop {
                None => return Err(Stop::Problem("list must terminate with '}'".into())),
                Some('}') => {
                    self.skip_comma();
                    list.push(self.convert(text)?);
                    return Ok(Listed::List(list));
                }
                Some(_) => list.push(self.convert(text)?),
            }
        }
    }

    fn skip_comma(&mut self) {
        if let Some(rest) = self.rest.as_str().strip_prefix(',') {
            self.rest = rest.chars();
        }
    }

    fn convert(&mut self, text: String) -> Result<Value, Stop> {
        match &mut self.kind {
            Kind::File(read) => read(&text).map_err(Stop::Problem),
            Kind::Typed => Ok(typed(text)),
            _ => Ok(Value::String(text)),
        }
    }

    fn json(&mut self) -> Result<Value, Stop> {
        if self.is_blank() {
            return Ok(Value::Null);
        }
        let rest = self.rest.as_str();
        let (value, length) = go_json::first(rest).map_err(|error| Stop::Problem(error.to_string()))?;
        let value = value.to_floats().map_err(Stop::Problem)?;
        self.rest = rest.get(length..).unwrap_or_default().chars();
        self.is_blank();
        Ok(value)
    }

    /// Skips blanks and the comma behind them; whether there was nothing else.
    fn is_blank(&mut self) -> bool {
        loop {
            let before = self.rest.clone();
            match self.rest.next() {
                None | Some(',') => return true,
                Some(letter) if letter.is_whitespace() => {}
                Some(_) => {
                    self.rest = before;
                    return false;
                }
            }
        }
    }
}

/// Sets a value; under the empty name nothing is ever set.
fn put(table: &mut Table, key: String, value: Value) {
    if !key.is_empty() {
        table.insert(key, value);
    }
}

/// What `--set` makes of a text.
fn typed(text: String) -> Value {
    // Go compares under Unicode's folding, where there is a letter that is s.
    let same = |word: &str| {
        text.chars()
            .map(|letter| if letter == 'ſ' { 's' } else { letter.to_ascii_lowercase() })
            .eq(word.chars())
    };
    if same("true") {
        return Value::Bool(true);
    }
    if same("false") {
        return Value::Bool(false);
    }
    if same("null") {
        return Value::Null;
    }
    if (text == "0" || !text.starts_with('0'))
        && let Ok(number) = text.parse()
    {
        return Value::Int(number);
    }
    Value::String(text)
}

/// What Go's panic says when a value is of another type.
fn wrong_type(found: &Value, wanted: &str) -> Stop {
    let found = match found {
        Value::Null => "nil",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int64",
        Value::Uint(_) => "uint64",
        Value::Float(_) => "float64",
        Value::String(_) => "string",
        Value::List(_) => "[]interface {}",
        Value::Map(_) => "map[string]interface {}",
    };
    Stop::Problem(format!(
        "unable to parse key: interface conversion: interface {{}} is {found}, not {wanted}"
    ))
}
