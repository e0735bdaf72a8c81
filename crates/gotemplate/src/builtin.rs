//! The functions that the language itself has.

pub(crate) mod compare;
pub(crate) mod escape;
pub(crate) mod index;

use crate::go_type::Type;

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Builtin {
    And,
    Or,
    Not,
    Call,
    Index,
    Slice,
    Len,
    Print,
    Printf,
    Println,
    Html,
    Js,
    UrlQuery,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// What a builtin takes.
pub(crate) enum Parameters {
    /// So many values, with what is known of their types, and any number more if it says so.
    Typed(usize, bool),
    /// Values of types, and any number of any type.
    Values(&'static [Type]),
}

impl Builtin {
    pub(crate) const ALL: [Self; 19] = [
        Self::And,
        Self::Or,
        Self::Not,
        Self::Call,
        Self::Index,
        Self::Slice,
        Self::Len,
        Self::Print,
        Self::Printf,
        Self::Println,
        Self::Html,
        Self::Js,
        Self::UrlQuery,
        Self::Eq,
        Self::Ne,
        Self::Lt,
        Self::Le,
        Self::Gt,
        Self::Ge,
    ];

    /// The builtin of a name.
    pub(crate) fn find(name: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|builtin| builtin.name().as_bytes() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::And => "and",
            Self::Or => "or",
            Self::Not => "not",
            Self::Call => "call",
            Self::Index => "index",
            Self::Slice => "slice",
            Self::Len => "len",
            Self::Print => "print",
            Self::Printf => "printf",
            Self::Println => "println",
            Self::Html => "html",
            Self::Js => "js",
            Self::UrlQuery => "urlquery",
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Lt => "lt",
            Self::Le => "le",
            Self::Gt => "gt",
            Self::Ge => "ge",
        }
    }

    pub(crate) fn parameters(self) -> Parameters {
        match self {
            Self::And | Self::Or | Self::Call | Self::Index | Self::Slice | Self::Eq => {
                Parameters::Typed(1, true)
            }
            Self::Not | Self::Len => Parameters::Typed(1, false),
            Self::Ne | Self::Lt | Self::Le | Self::Gt | Self::Ge => Parameters::Typed(2, false),
            Self::Print | Self::Println | Self::Html | Self::Js | Self::UrlQuery => Parameters::Values(&[]),
            Self::Printf => Parameters::Values(&[Type::String]),
        }
    }
}
