//! From a template's parts and a value to the text.

use std::borrow::Cow;
use std::cmp::Ordering;

use chartroom_goyaml::Value;

use crate::parse::{Block, End, Filter, Slice, Step};
use crate::{Error, MAX_FINDINGS, print};

type Result<T> = std::result::Result<T, Error>;

/// What a path starts from, and what it finds.
#[derive(Clone, Debug)]
pub(crate) enum Item<'v> {
    /// A value, or a literal of the template.
    Value(Cow<'v, Value>),
    /// What a range over nothing has at hand.
    Nothing,
}

impl<'v> Item<'v> {
    fn literal(value: Value) -> Self {
        Self::Value(Cow::Owned(value))
    }

    /// The value, if it is there and isn't null.
    fn value(&self) -> Option<&Value> {
        match self {
            Self::Value(value) if !value.is_null() => Some(value),
            _ => None,
        }
    }

    /// Values inside of it that a function picks.
    fn inside(&self, pick: impl for<'a> Fn(&'a Value) -> Vec<&'a Value>) -> Vec<Self> {
        match self {
            Self::Value(Cow::Borrowed(value)) => {
                pick(value).into_iter().map(|value| Self::Value(Cow::Borrowed(value))).collect()
            }
            // A literal has nothing inside.
            Self::Value(Cow::Owned(_)) | Self::Nothing => Vec::new(),
        }
    }
}

fn unfit<T>(reason: impl Into<String>) -> Result<T> {
    Err(Error::Unfit(reason.into()))
}

/// Fills a template in.
pub(crate) fn template(blocks: &[Block], value: &Value) -> Result<String> {
    let mut filling = Filling { text: String::new(), findings: 0 };
    filling.blocks(blocks, &Item::Value(Cow::Borrowed(value)))?;
    Ok(filling.text)
}

struct Filling {
    text: String,
    findings: usize,
}

impl Filling {
    fn blocks(&mut self, blocks: &[Block], at: &Item<'_>) -> Result<()> {
        for block in blocks {
            match block {
                Block::Text(text) => {
                    self.count(1)?;
                    self.text.push_str(text);
                }
                Block::Path(steps) => {
                    let found = self.walk(vec![at.clone()], steps)?;
                    self.print(&found);
                }
                Block::Range { over, body, closed } => {
                    let found = self.walk(vec![at.clone()], over)?;
                    if found.is_empty() {
                        // Nothing of it is printed, and yet it has to be right.
                        let length = self.text.len();
                        self.blocks(body, &Item::Nothing)?;
                        self.text.truncate(length);
                    }
                    for item in &found {
                        // In a range, null is as good as nothing.
                        let item = if item.value().is_some() { item } else { &Item::Nothing };
                        self.blocks(body, item)?;
                    }
                    if !closed {
                        self.blocks(body, at)?;
                    }
                }
                Block::StrayEnd => return unfit("not in range, nothing to end"),
            }
        }
        Ok(())
    }

    fn print(&mut self, found: &[Item<'_>]) {
        for (number, item) in found.iter().enumerate() {
            if number > 0 {
                self.text.push(' ');
            }
            match item {
                Item::Value(value) => print::value(value, &mut self.text),
                Item::Nothing => self.text.push_str("<no value>"),
            }
        }
    }

    fn count(&mut self, more: usize) -> Result<()> {
        self.findings = self.findings.saturating_add(more);
        if self.findings > MAX_FINDINGS { Err(Error::TooMuch) } else { Ok(()) }
    }

    fn walk<'v>(&mut self, mut items: Vec<Item<'v>>, steps: &[Step]) -> Result<Vec<Item<'v>>> {
        for step in steps {
            items = self.step(items, step)?;
            self.count(items.len())?;
        }
        Ok(items)
    }

    fn step<'v>(&mut self, items: Vec<Item<'v>>, step: &Step) -> Result<Vec<Item<'v>>> {
        let literal = |value: Value| Ok(vec![Item::literal(value)]);
        match step {
            Step::Text(text) => literal(Value::String(text.clone())),
            // One for each item, as in Helm.
            Step::Int(number) => Ok(items.iter().map(|_| Item::literal(Value::Int(*number))).collect()),
            Step::Float(number) => Ok(items.iter().map(|_| Item::literal(Value::Float(*number))).collect()),
            Step::Bool(truth) => Ok(items.iter().map(|_| Item::literal(Value::Bool(*truth))).collect()),
            Step::Word(word) => unfit(format!("unrecognized identifier {word}")),
            Step::Field(name) => {
                let found =
                    items.iter().flat_map(|item| item.inside(|value| Vec::from_iter(value.get(name))));
                let found = found.collect::<Vec<_>>();
                if found.is_empty() { unfit(format!("{name} is not found")) } else { Ok(found) }
            }
            Step::Wildcard => Ok(items.iter().flat_map(|item| item.inside(children)).collect()),
            Step::Descent => {
                let mut found = Vec::new();
                for item in items {
                    self.descend(item, &mut found)?;
                }
                Ok(found)
            }
            Step::Slice(wanted) => {
                let mut found = Vec::new();
                for item in items {
                    let Some(value) = item.value() else { continue };
                    let positions = positions(value, wanted)?;
                    found.extend(item.inside(|value| {
                        let list = value.as_list().unwrap_or_default();
                        positions.clone().filter_map(|at| list.get(at)).collect()
                    }));
                }
                Ok(found)
            }
            Step::Union(paths) => {
                let mut found = Vec::new();
                for path in paths {
                    found.extend(self.walk(items.clone(), path)?);
                    self.count(items.len())?;
                }
                Ok(found)
            }
            Step::Filter(filter) => {
                let mut found = Vec::new();
                for item in items {
                    match &item {
                        Item::Value(value) if value.as_list().is_some() => {}
                        Item::Value(value) => {
                            return unfit(format!(
                                "{} is not array or slice and cannot be filtered",
                                kind(value)
                            ));
                        }
                        Item::Nothing => return unfit("<nil> is not array or slice and cannot be filtered"),
                    }
                    for element in item.inside(children) {
                        if self.passes(&element, filter)? {
                            found.push(element);
                        }
                    }
                }
                Ok(found)
            }
        }
    }

    /// The item, if it is a text or has something in it, and all such below it.
    fn descend<'v>(&mut self, item: Item<'v>, found: &mut Vec<Item<'v>>) -> Result<()> {
        self.count(1)?;
        let inside = item.inside(children);
        let text = item.value().and_then(Value::as_str).is_some_and(|text| !text.is_empty());
        if text || !inside.is_empty() {
            found.push(item);
        }
        for item in inside {
            self.descend(item, found)?;
        }
        Ok(())
    }

    fn passes(&mut self, element: &Item<'_>, filter: &Filter) -> Result<bool> {
        let left = self.walk(vec![element.clone()], &filter.left);
        let Some((operator, right)) = &filter.compared else {
            return match left {
                Ok(found) => Ok(!found.is_empty()),
                Err(Error::TooMuch) => Err(Error::TooMuch),
                Err(_) => Ok(false),
            };
        };
        let Some(left) = single(left?)? else { return Ok(false) };
        let Some(right) = single(self.walk(vec![element.clone()], right)?)? else { return Ok(false) };
        compare(operator, &left, &right)
    }
}

/// What is in a list or a map.
fn children(value: &Value) -> Vec<&Value> {
    match value {
        Value::List(list) => list.iter().collect(),
        Value::Map(map) => map.values().collect(),
        _ => Vec::new(),
    }
}

/// The one value that can be compared, or none if nothing was found.
fn single(found: Vec<Item<'_>>) -> Result<Option<Item<'_>>> {
    if found.len() > 1 {
        return unfit("can only compare one element at a time");
    }
    Ok(found.into_iter().next())
}

fn compare(operator: &str, left: &Item<'_>, right: &Item<'_>) -> Result<bool> {
    let (Some(left), Some(right)) = (left.value(), right.value()) else {
        return unfit("invalid type for comparison");
    };
    let order = match (left, right) {
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        (Value::Bool(left), Value::Bool(right)) if matches!(operator, "==" | "!=") => Some(left.cmp(right)),
        (Value::List(_) | Value::Map(_) | Value::Bool(_), _) | (_, Value::List(_) | Value::Map(_)) => {
            return unfit("invalid type for comparison");
        }
        _ => match (print::number(left), print::number(right)) {
            (Some(left), Some(right)) => left.partial_cmp(&right),
            _ => return unfit("incompatible types for comparison"),
        },
    };
    match operator {
        "==" => Ok(order == Some(Ordering::Equal)),
        "!=" => Ok(order != Some(Ordering::Equal)),
        "<" => Ok(order == Some(Ordering::Less)),
        "<=" => Ok(order.is_some_and(Ordering::is_le)),
        ">" => Ok(order == Some(Ordering::Greater)),
        ">=" => Ok(order.is_some_and(Ordering::is_ge)),
        other => unfit(format!("unrecognized filter operator {other}")),
    }
}

/// The positions in a list that a slice wants.
fn positions(value: &Value, wanted: &Slice) -> Result<std::iter::StepBy<std::ops::Range<usize>>> {
    let Some(list) = value.as_list() else {
        return unfit(format!("{} is not array or slice", kind(value)));
    };
    let length = i64::try_from(list.len()).unwrap_or(i64::MAX);
    let from_end = |at: i64| if at < 0 { at.saturating_add(length) } else { at };
    let given = wanted.start.unwrap_or(0);
    let start = from_end(given);
    let end = match wanted.end {
        End::Before(end) => from_end(end),
        End::AfterStart => start.saturating_add(1),
        End::Open => length,
    };
    if start == end {
        return Ok((0..0).step_by(1));
    }
    if start >= length || start < 0 {
        return unfit(format!("array index out of bounds: index {start}, length {length}"));
    }
    if end > length || end < 0 {
        let last = end.saturating_sub(1);
        return unfit(format!("array index out of bounds: index {last}, length {length}"));
    }
    if start > end {
        return unfit(format!("starting index {start} is greater than ending index {end}"));
    }
    let step = wanted.step.unwrap_or(1);
    if step <= 0 {
        return unfit("step must be > 0");
    }
    let at = |position: i64| usize::try_from(position).unwrap_or(usize::MAX);
    Ok((at(start)..at(end)).step_by(at(step)))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Int(_) | Value::Uint(_) | Value::Float(_) => "a number",
        Value::String(_) => "a string",
        Value::List(_) => "a list",
        Value::Map(_) => "a map",
    }
}
