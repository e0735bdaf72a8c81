//! Go's syntax of regular expressions, which is RE2's: characters, repetitions and groups.

mod bracket;
mod error;
mod escape;

use chartroom_gotemplate::runes;
use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange, Look};

use self::error::{BAD_COUNT, BAD_NAME, BAD_PERL, BAD_UTF8};
use super::class;
use super::node::{MAX_HEIGHT, Node, Repeat, fold_case};

pub use self::error::SyntaxError;

/// A pattern that was read.
#[derive(Debug)]
pub(super) struct Syntax {
    pub(super) root: Node,
    /// The names of the groups, from the first on.
    pub(super) names: Vec<Option<String>>,
}

/// Reads a pattern.
pub(super) fn parse(pattern: &[u8]) -> Result<Syntax, SyntaxError> {
    let mut parser = Parser {
        pattern,
        at: 0,
        flags: Flags::default(),
        open: Vec::new(),
        alternatives: Vec::new(),
        concat: Vec::new(),
        names: Vec::new(),
    };
    parser.run()?;
    if !parser.open.is_empty() {
        return Err(SyntaxError::new("missing closing )", pattern));
    }
    let root = parser.finish_group();
    parser.check_height(&root)?;
    Ok(Syntax { root, names: parser.names })
}

/// What may be changed within a pattern.
#[derive(Clone, Copy, Debug, Default)]
struct Flags {
    /// `i`: upper and lower case are the same.
    fold: bool,
    /// `m`: `^` and `$` are at the lines' ends, too.
    multi_line: bool,
    /// `s`: `.` is a newline, too.
    dot_newline: bool,
    /// `U`: repetitions take little, and with a `?` much.
    ungreedy: bool,
}

/// A group that is not closed yet, with what was before it.
struct Group {
    capture: Option<u32>,
    flags: Flags,
    alternatives: Vec<Node>,
    concat: Vec<Node>,
}

struct Parser<'a> {
    pattern: &'a [u8],
    at: usize,
    flags: Flags,
    open: Vec<Group>,
    /// What was read of the innermost group: alternatives before the last `|`, and parts after it.
    alternatives: Vec<Node>,
    concat: Vec<Node>,
    names: Vec<Option<String>>,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a [u8] {
        self.from(self.at)
    }

    fn from(&self, start: usize) -> &'a [u8] {
        self.pattern.get(start..).unwrap_or_default()
    }

    /// What was read since a place.
    fn since(&self, start: usize) -> &'a [u8] {
        self.pattern.get(start..self.at).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.pattern.get(self.at).copied()
    }

    /// Takes a character; `None` at the end.
    fn next(&mut self) -> Result<Option<char>, SyntaxError> {
        let Some((letter, length)) = runes::first(self.rest()) else { return Ok(None) };
        if letter == char::REPLACEMENT_CHARACTER && length == 1 {
            return Err(SyntaxError::new(BAD_UTF8, self.rest()));
        }
        self.at += length;
        Ok(Some(letter))
    }

    fn push(&mut self, node: Node) {
        self.concat.push(node);
    }

    fn push_literal(&mut self, letter: char) {
        self.push(Node::literal(letter, self.flags.fold));
    }

    /// A character by its number. Half a surrogate pair is never found in text.
    fn push_code(&mut self, code: u32) {
        match char::from_u32(code) {
            Some(letter) => self.push_literal(letter),
            None => self.push(Node::class(ClassUnicode::empty())),
        }
    }

    fn run(&mut self) -> Result<(), SyntaxError> {
        // Where the repetition started that was just read.
        let mut last_repeat = None;
        while let Some(byte) = self.peek() {
            let start = self.at;
            let mut repeat = None;
            match byte {
                b'(' => self.open_group()?,
                b')' => self.close_group()?,
                b'|' => {
                    self.at += 1;
                    let concat = std::mem::take(&mut self.concat);
                    self.alternatives.push(Node::concat(concat));
                }
                b'^' => self.anchor(if self.flags.multi_line { Look::StartLF } else { Look::Start }, 1),
                b'$' => self.anchor(if self.flags.multi_line { Look::EndLF } else { Look::End }, 1),
                b'.' => self.dot(),
                b'[' => self.class()?,
                b'*' => repeat = Some(self.repeat(1, 0, None, false, last_repeat)?),
                b'+' => repeat = Some(self.repeat(1, 1, None, false, last_repeat)?),
                b'?' => repeat = Some(self.repeat(1, 0, Some(1), false, last_repeat)?),
                b'{' => match self.counts() {
                    Some((counts, length)) => {
                        let (min, max) = counts
                            .filter(|&(min, max)| {
                                min <= 1000 && max.is_none_or(|max| max <= 1000 && min <= max)
                            })
                            .ok_or_else(|| {
                                SyntaxError::new(BAD_COUNT, self.rest().get(..length).unwrap_or_default())
                            })?;
                        repeat = Some(self.repeat(length, min, max, true, last_repeat)?);
                    }
                    None => {
                        self.at += 1;
                        self.push_literal('{');
                    }
                },
                b'\\' => self.backslash()?,
                _ => {
                    if let Some(letter) = self.next()? {
                        self.push_literal(letter);
                    }
                }
            }
            last_repeat = repeat.map(|()| start);
        }
        Ok(())
    }

    fn anchor(&mut self, look: Look, length: usize) {
        self.at += length;
        self.push(Node::look(look));
    }

    fn dot(&mut self) {
        self.at += 1;
        let mut class = range(0, u32::from(char::MAX));
        if !self.flags.dot_newline {
            class.difference(&range(0x0a, 0x0a));
        }
        self.push(Node::class(class));
    }

    // Repetitions

    /// Repeats the last part. `length` is that of the operator, without a `?` after it.
    fn repeat(
        &mut self,
        length: usize,
        min: u32,
        max: Option<u32>,
        counted: bool,
        last_repeat: Option<usize>,
    ) -> Result<(), SyntaxError> {
        let start = self.at;
        self.at += length;
        let mut greedy = !self.flags.ungreedy;
        if self.peek() == Some(b'?') {
            self.at += 1;
            greedy = !greedy;
        }
        if let Some(last) = last_repeat {
            return Err(SyntaxError::new("invalid nested repetition operator", self.since(last)));
        }
        let Some(inner) = self.concat.pop() else {
            return Err(SyntaxError::new("missing argument to repetition operator", self.since(start)));
        };
        let node = Node::repeat(Repeat { min, max, greedy, counted }, inner);
        self.check_height(&node)?;
        if counted && min.max(max.unwrap_or_default()) >= 2 && !node.repeats_little() {
            return Err(SyntaxError::new(BAD_COUNT, self.since(start)));
        }
        self.push(node);
        Ok(())
    }

    /// The numbers in `{2}`, `{2,}` or `{2,3}`, and its length. The numbers are `None` if they are
    /// much too large, and all is if it isn't of this form: then the brace is a character.
    #[expect(clippy::type_complexity, reason = "used once, right here")]
    fn counts(&self) -> Option<(Option<(u32, Option<u32>)>, usize)> {
        let rest = self.rest();
        let end = memchr::memchr(b'}', rest)?;
        let inner = std::str::from_utf8(rest.get(1..end)?).ok()?;
        let is_number = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|byte| byte.is_ascii_digit())
                && (text.len() == 1 || !text.starts_with('0'))
        };
        let (min, max) = match inner.split_once(',') {
            Some((min, max)) => (min, max),
            None => (inner, inner),
        };
        if !is_number(min) || !max.is_empty() && !is_number(max) {
            return None;
        }
        let numbers = match (min.parse(), max.parse()) {
            (Ok(min), Ok(max)) => Some((min, Some(max))),
            (Ok(min), Err(_)) if max.is_empty() => Some((min, None)),
            _ => None,
        };
        Some((numbers, end + 1))
    }

    // Groups

    fn open_group(&mut self) -> Result<(), SyntaxError> {
        if self.rest().starts_with(b"(?") {
            return self.perl_group();
        }
        self.at += 1;
        self.capture(None);
        Ok(())
    }

    fn capture(&mut self, name: Option<String>) {
        self.names.push(name);
        let index = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.start_group(Some(index));
    }

    fn start_group(&mut self, capture: Option<u32>) {
        self.open.push(Group {
            capture,
            flags: self.flags,
            alternatives: std::mem::take(&mut self.alternatives),
            concat: std::mem::take(&mut self.concat),
        });
    }

    fn finish_group(&mut self) -> Node {
        let mut alternatives = std::mem::take(&mut self.alternatives);
        alternatives.push(Node::concat(std::mem::take(&mut self.concat)));
        Node::alternate(alternatives)
    }

    fn close_group(&mut self) -> Result<(), SyntaxError> {
        let inner = self.finish_group();
        let Some(group) = self.open.pop() else {
            return Err(SyntaxError::new("unexpected )", self.pattern));
        };
        self.at += 1;
        self.flags = group.flags;
        self.alternatives = group.alternatives;
        self.concat = group.concat;
        let node = match group.capture {
            Some(index) => Node::capture(index, inner),
            None => inner,
        };
        self.check_height(&node)?;
        self.push(node);
        Ok(())
    }

    fn check_height(&self, node: &Node) -> Result<(), SyntaxError> {
        if node.height() > MAX_HEIGHT {
            return Err(SyntaxError::new("expression nests too deeply", self.pattern));
        }
        Ok(())
    }

    /// `(?P<name>`, `(?<name>`, `(?flags)` or `(?flags:`.
    fn perl_group(&mut self) -> Result<(), SyntaxError> {
        let start = self.at;
        let rest = self.rest();
        let prefix = match rest {
            [b'(', b'?', b'P', b'<', _, ..] => 4,
            [b'(', b'?', b'<', _, ..] => 3,
            _ => return self.flag_group(),
        };
        let Some(end) = memchr::memchr(b'>', rest) else {
            check_utf8(rest)?;
            return Err(SyntaxError::new(BAD_NAME, rest));
        };
        let name = rest.get(prefix..end).unwrap_or_default();
        check_utf8(name)?;
        self.at += end + 1;
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        if name.is_empty() || !name.iter().all(is_name) {
            return Err(SyntaxError::new(BAD_NAME, self.since(start)));
        }
        self.capture(Some(String::from_utf8_lossy(name).into_owned()));
        Ok(())
    }

    fn flag_group(&mut self) -> Result<(), SyntaxError> {
        let start = self.at;
        self.at += 2;
        let mut flags = self.flags;
        let mut negative = false;
        // A minus wants a flag after it.
        let mut seen = true;
        while let Some(letter) = self.next()? {
            match letter {
                'i' => flags.fold = !negative,
                'm' => flags.multi_line = !negative,
                's' => flags.dot_newline = !negative,
                'U' => flags.ungreedy = !negative,
                '-' if !negative => {
                    negative = true;
                    seen = false;
                    continue;
                }
                ':' | ')' if seen => {
                    if letter == ':' {
                        self.start_group(None);
                    }
                    self.flags = flags;
                    return Ok(());
                }
                _ => break,
            }
            seen = true;
        }
        Err(SyntaxError::new(BAD_PERL, self.since(start)))
    }
}

/// All characters from one to another, of which surrogates are none.
fn range(low: u32, high: u32) -> ClassUnicode {
    let mut class = ClassUnicode::empty();
    for (low, high) in [(low, high.min(0xd7ff)), (low.max(0xe000), high)] {
        if low <= high
            && let (Some(low), Some(high)) = (char::from_u32(low), char::from_u32(high))
        {
            class.push(ClassUnicodeRange::new(low, high));
        }
    }
    class
}

fn check_utf8(text: &[u8]) -> Result<(), SyntaxError> {
    match std::str::from_utf8(text) {
        Ok(_) => Ok(()),
        Err(error) => Err(SyntaxError::new(BAD_UTF8, text.get(error.valid_up_to()..).unwrap_or_default())),
    }
}
