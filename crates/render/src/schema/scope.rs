//! Where a check is: the place of the value, and the schemas that led to the one that is applied.

use super::compiled::{Id, Schema};
use super::location::escape;

/// Where a value is.
#[derive(Clone, Copy)]
pub(super) enum At<'p> {
    Top,
    Member(&'p At<'p>, &'p str),
    Item(&'p At<'p>, usize),
}

impl At<'_> {
    /// As a JSON pointer.
    pub(super) fn pointer(&self) -> String {
        match self {
            Self::Top => String::new(),
            Self::Member(above, name) => format!("{}/{}", above.pointer(), escape(name)),
            Self::Item(above, index) => format!("{}/{index}", above.pointer()),
        }
    }
}

/// A schema that is being applied, and those that led to it.
#[derive(Clone, Copy)]
pub(super) struct Scope<'p> {
    schema: Id,
    /// The keyword that refers to it.
    keyword: Option<&'static str>,
    /// The number of the value: schemas for the same value have the same.
    value: usize,
    above: Option<&'p Scope<'p>>,
}

impl<'p> Scope<'p> {
    /// The first schema of all.
    pub(super) fn of_top(schema: Id) -> Self {
        Self { schema, keyword: None, value: 0, above: None }
    }

    /// One that is applied to the same value.
    pub(super) fn same_value(&'p self, schema: Id, keyword: Option<&'static str>) -> Self {
        Self { schema, keyword, value: self.value, above: Some(self) }
    }

    /// One that is applied to a part of the value.
    pub(super) fn inner_value(&'p self, schema: Id) -> Self {
        Self { schema, keyword: None, value: self.value + 1, above: Some(self) }
    }

    /// The schemas that led here, from this one to the first.
    pub(super) fn schemas(&self) -> impl Iterator<Item = Id> {
        self.chain().map(|scope| scope.schema)
    }

    fn chain(&self) -> impl Iterator<Item = &Scope<'p>> {
        std::iter::successors(Some(self), |scope| scope.above)
    }

    /// Another application of the same schema to the same value.
    pub(super) fn cycle(&self) -> Option<&Scope<'p>> {
        let same_value = self.chain().skip(1).take_while(|scope| scope.value == self.value);
        same_value.into_iter().find(|scope| scope.schema == self.schema)
    }

    /// The keywords that led here.
    pub(super) fn path(&self, schemas: &[Schema]) -> String {
        let location = |id: Id| schemas.get(id).map_or("", |schema| &schema.location[..]);
        let mut parts = Vec::new();
        for scope in self.chain() {
            let Some(above) = scope.above else { break };
            parts.push(match scope.keyword {
                Some(keyword) => format!("/{keyword}"),
                None => {
                    location(scope.schema).strip_prefix(location(above.schema)).unwrap_or_default().to_owned()
                }
            });
        }
        parts.reverse();
        parts.concat()
    }
}
