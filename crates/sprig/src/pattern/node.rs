//! A pattern as a tree, and the tree as what `regex-automata` compiles.

use regex_syntax::hir::{
    Capture, Class, ClassBytes, ClassBytesRange, ClassUnicode, ClassUnicodeRange, Hir, Look, Repetition,
};
use regex_syntax::utf8::Utf8Sequences;

/// How deep a pattern may be nested, for compiling it uses the stack. Go has a thousand.
pub(super) const MAX_HEIGHT: u32 = 100;
/// How many copies of something a pattern may ask for in all.
const MAX_COPIES: u32 = 1000;

/// A part of a pattern.
#[derive(Debug)]
pub(super) struct Node {
    kind: Kind,
    height: u32,
}

#[derive(Debug)]
enum Kind {
    Empty,
    Literal { letter: char, fold: bool },
    Class(ClassUnicode),
    Look(Look),
    Capture { index: u32, inner: Box<Node> },
    Repeat { repeat: Repeat, inner: Box<Node> },
    Concat(Vec<Node>),
    Alternate(Vec<Node>),
}

/// How often something comes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Repeat {
    pub(super) min: u32,
    /// `None` is without end.
    pub(super) max: Option<u32>,
    pub(super) greedy: bool,
    /// Whether it is written with numbers, which are limited.
    pub(super) counted: bool,
}

impl Node {
    fn leaf(kind: Kind) -> Self {
        Self { kind, height: 1 }
    }

    fn around(kind: Kind, height: u32) -> Self {
        Self { kind, height: height + 1 }
    }

    pub(super) fn literal(letter: char, fold: bool) -> Self {
        Self::leaf(Kind::Literal { letter, fold })
    }

    pub(super) fn class(class: ClassUnicode) -> Self {
        Self::leaf(Kind::Class(class))
    }

    pub(super) fn look(look: Look) -> Self {
        Self::leaf(Kind::Look(look))
    }

    pub(super) fn capture(index: u32, inner: Self) -> Self {
        let height = inner.height;
        Self::around(Kind::Capture { index, inner: Box::new(inner) }, height)
    }

    pub(super) fn repeat(repeat: Repeat, inner: Self) -> Self {
        let height = inner.height;
        Self::around(Kind::Repeat { repeat, inner: Box::new(inner) }, height)
    }

    pub(super) fn concat(nodes: Vec<Self>) -> Self {
        Self::several(nodes, Kind::Concat)
    }

    pub(super) fn alternate(nodes: Vec<Self>) -> Self {
        Self::several(nodes, Kind::Alternate)
    }

    fn several(mut nodes: Vec<Self>, kind: fn(Vec<Self>) -> Kind) -> Self {
        match nodes.len() {
            0 => Self::leaf(Kind::Empty),
            1 => nodes.pop().unwrap_or_else(|| Self::leaf(Kind::Empty)),
            _ => {
                let height = nodes.iter().map(|node| node.height).max().unwrap_or_default();
                Self::around(kind(nodes), height)
            }
        }
    }

    /// How deep it is nested.
    pub(super) fn height(&self) -> u32 {
        self.height
    }

    /// Whether no part of it is asked for more than a thousand times, with those repetitions counted
    /// that have numbers.
    pub(super) fn repeats_little(&self) -> bool {
        self.repeats_at_most(MAX_COPIES)
    }

    fn repeats_at_most(&self, mut limit: u32) -> bool {
        match &self.kind {
            Kind::Repeat { repeat, inner } => {
                if repeat.counted {
                    match repeat.max.unwrap_or(repeat.min) {
                        0 if repeat.max.is_some() => return true,
                        0 => {}
                        copies if copies > limit => return false,
                        copies => limit /= copies,
                    }
                }
                inner.repeats_at_most(limit)
            }
            Kind::Capture { inner, .. } => inner.repeats_at_most(limit),
            Kind::Concat(nodes) | Kind::Alternate(nodes) => {
                nodes.iter().all(|node| node.repeats_at_most(limit))
            }
            _ => true,
        }
    }

    pub(super) fn into_hir(self) -> Hir {
        match self.kind {
            Kind::Empty => Hir::empty(),
            Kind::Literal { letter, fold: false } => Hir::literal(letter.encode_utf8(&mut [0; 4]).as_bytes()),
            Kind::Literal { letter, fold: true } => {
                let mut class = ClassUnicode::new([ClassUnicodeRange::new(letter, letter)]);
                fold_case(&mut class);
                Hir::class(Class::Unicode(class))
            }
            Kind::Class(class) => hir_of(class),
            Kind::Look(look) => Hir::look(look),
            // Names may be there twice in Go, so that they are looked up elsewhere.
            Kind::Capture { index, inner } => {
                Hir::capture(Capture { index, name: None, sub: Box::new(inner.into_hir()) })
            }
            Kind::Repeat { repeat, inner } => Hir::repetition(Repetition {
                min: repeat.min,
                max: repeat.max,
                greedy: repeat.greedy,
                sub: Box::new(inner.into_hir()),
            }),
            Kind::Concat(nodes) => Hir::concat(nodes.into_iter().map(Self::into_hir).collect()),
            Kind::Alternate(nodes) => Hir::alternation(nodes.into_iter().map(Self::into_hir).collect()),
        }
    }
}

/// A class. One with everything beyond ASCII in it, such as `.` or `[^a-z]`, is taken apart by hand: the
/// engine's own way to do that, which fits any class, starts with filling a megabyte.
fn hir_of(class: ClassUnicode) -> Hir {
    let beyond =
        class.ranges().last().is_some_and(|last| last.start() <= '\u{80}' && last.end() == char::MAX);
    if !beyond {
        return Hir::class(Class::Unicode(class));
    }
    let mut ascii = class;
    ascii.intersect(&ClassUnicode::new([ClassUnicodeRange::new('\0', '\u{7f}')]));
    let mut parts = vec![Hir::class(Class::Unicode(ascii))];
    parts.extend(Utf8Sequences::new('\u{80}', char::MAX).map(|sequence| {
        let bytes = sequence.as_slice().iter().map(|range| {
            let range = ClassBytesRange::new(range.start, range.end);
            Hir::class(Class::Bytes(ClassBytes::new([range])))
        });
        Hir::concat(bytes.collect())
    }));
    Hir::alternation(parts)
}

/// Adds what differs in case only.
pub(super) fn fold_case(class: &mut ClassUnicode) {
    // It fails only without the tables that are built in.
    let _ = class.try_case_fold_simple();
}
