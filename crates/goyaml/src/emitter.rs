//! The layout: indentation, indicators, folding at 80 columns, escapes.
//!
//! This is libyaml's emitter, reduced to what go-yaml asks of it: blocks of mappings and
//! sequences without anchors or flow collections, and no tag but that of binary text.

use std::fmt::Write as _;

use crate::Layout;
use crate::scalar_style::{Analysis, Style, is_break, is_printable};

/// From this column on, a space becomes a line break where that is possible. go-yaml 3 never breaks.
const WIDTH: usize = 80;
const INDENT: usize = 2;
const BINARY: &str = "!!binary";
/// The longest key that is written without `?`, in bytes.
const MAX_SIMPLE_KEY: usize = 128;

pub(crate) struct Emitter {
    out: String,
    layout: Layout,
    /// The column, in characters.
    column: usize,
    /// The indentation of what is open. None at the top.
    indent: Option<usize>,
    open: Vec<(Option<usize>, Kind)>,
    /// The last character was a blank, or there is none.
    whitespace: bool,
    /// So far the line consists of indentation and indicators of block collections.
    indention: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Sequence,
    Mapping,
}

impl Emitter {
    pub(crate) fn new(layout: Layout) -> Self {
        Self {
            out: String::new(),
            layout,
            column: 0,
            indent: None,
            open: Vec::new(),
            whitespace: true,
            indention: true,
        }
    }

    fn width(&self) -> usize {
        if self.layout == Layout::Compact { WIDTH } else { usize::MAX }
    }

    /// Ends the document, and the line if it hasn't ended.
    pub(crate) fn finish(mut self) -> String {
        self.write_indent(0);
        self.out
    }

    pub(crate) fn start_sequence(&mut self) {
        // Directly below a key, the dashes may stand in its column.
        let below_key = self.open.last().is_some_and(|(_, kind)| *kind == Kind::Mapping);
        self.start(Kind::Sequence, self.layout == Layout::Compact && below_key && !self.indention);
    }

    pub(crate) fn start_mapping(&mut self) {
        self.start(Kind::Mapping, false);
    }

    fn start(&mut self, kind: Kind, indentless: bool) {
        self.open.push((self.indent, kind));
        self.indent = Some(match self.indent {
            None => 0,
            Some(indent) if indentless => indent,
            Some(indent) => indent + INDENT,
        });
    }

    /// Ends the innermost collection.
    pub(crate) fn end(&mut self) {
        if let Some((indent, _)) = self.open.pop() {
            self.indent = indent;
        }
    }

    /// Begins an element of a sequence.
    pub(crate) fn entry(&mut self) {
        self.write_indent(self.indent.unwrap_or(0));
        self.indicator("-", true, true);
    }

    /// Begins an entry of a mapping.
    pub(crate) fn key(&mut self, key: &str) {
        self.any_key(key, "");
    }

    /// The same, for bytes in base64.
    pub(crate) fn binary_key(&mut self, base64: &str) {
        self.any_key(base64, BINARY);
    }

    fn any_key(&mut self, key: &str, tag: &str) {
        let indent = self.indent.unwrap_or(0);
        let analysis = Analysis::of(key, self.layout);
        self.write_indent(indent);
        if analysis.multiline || tag.len() + key.len() > MAX_SIMPLE_KEY {
            self.indicator("?", true, true);
            self.string(key, tag, &analysis, false);
            self.write_indent(indent);
            self.indicator(":", true, true);
        } else {
            self.string(key, tag, &analysis, true);
            self.indicator(":", false, false);
        }
    }

    /// Writes something that needs no quotes and has no spaces.
    pub(crate) fn bare(&mut self, text: &str) {
        if !self.whitespace {
            self.put(' ');
        }
        self.out.push_str(text);
        self.column += text.len();
        self.whitespace = false;
        self.indention = false;
    }

    /// Writes a string.
    pub(crate) fn text(&mut self, text: &str) {
        self.string(text, "", &Analysis::of(text, self.layout), false);
    }

    /// Writes bytes in base64.
    pub(crate) fn binary(&mut self, base64: &str) {
        self.string(base64, BINARY, &Analysis::of(base64, self.layout), false);
    }

    fn string(&mut self, text: &str, tag: &str, analysis: &Analysis, simple_key: bool) {
        // What a scalar is continued with is indented further than what it stands in.
        let indent = self.indent.map_or(INDENT, |indent| indent + INDENT);
        if !tag.is_empty() {
            self.indicator(tag, true, false);
        }
        match analysis.style(text, simple_key, !tag.is_empty()) {
            Style::Plain => self.plain(text, indent, !simple_key),
            Style::Single => self.single_quoted(text, indent, !simple_key),
            Style::Double => self.double_quoted(text, indent, !simple_key),
            Style::Literal => self.literal(text, indent),
        }
    }

    fn plain(&mut self, text: &str, indent: usize, fold: bool) {
        if !self.whitespace && !text.is_empty() {
            self.put(' ');
        }
        self.folded(text, indent, fold);
        self.whitespace = false;
        self.indention = false;
    }

    fn single_quoted(&mut self, text: &str, indent: usize, fold: bool) {
        self.indicator("'", true, false);
        self.whitespace = false;
        self.indention = false;
        if text.contains(is_break) {
            self.single_quoted_lines(text, indent);
        } else {
            self.folded(&text.replace('\'', "''"), indent, fold);
        }
        self.put('\'');
        self.whitespace = false;
        self.indention = false;
    }

    /// Writes a text without line breaks, and breaks it at single spaces inside it.
    fn folded(&mut self, text: &str, indent: usize, fold: bool) {
        if !fold || self.column + text.len() <= self.width() {
            self.out.push_str(text);
            self.column += text.chars().count();
            return;
        }
        let mut previous = None;
        let mut characters = text.chars().peekable();
        while let Some(c) = characters.next() {
            let next = characters.peek().copied();
            let single = c == ' ' && previous.is_some_and(|p| p != ' ') && next.is_some_and(|n| n != ' ');
            if single && self.column > self.width() {
                self.write_indent(indent);
            } else {
                self.put(c);
                self.indention = false;
            }
            self.whitespace = false;
            previous = Some(c);
        }
    }

    /// Writes a text with separators of Unicode, which count as line breaks and stay as they are.
    fn single_quoted_lines(&mut self, text: &str, indent: usize) {
        let mut after_break = false;
        let mut previous = None;
        let mut characters = text.chars().peekable();
        while let Some(c) = characters.next() {
            if is_break(c) {
                self.put_break(c);
                after_break = true;
            } else {
                if after_break {
                    self.write_indent(indent);
                    after_break = false;
                }
                let next = characters.peek().copied();
                let single = c == ' ' && previous.is_some_and(|p| p != ' ') && next.is_some_and(|n| n != ' ');
                if single && self.column > self.width() {
                    self.write_indent(indent);
                } else {
                    self.put(c);
                    if c == '\'' {
                        self.put(c);
                    }
                    self.indention = false;
                }
            }
            previous = Some(c);
        }
    }

    fn double_quoted(&mut self, text: &str, indent: usize, fold: bool) {
        self.indicator("\"", true, false);
        // libyaml looks for a byte order mark at the start, whichever character it is at.
        let escape_all = text.starts_with('\u{FEFF}');
        let mut after_space = false;
        let mut characters = text.chars().enumerate().peekable();
        while let Some((index, c)) = characters.next() {
            let next = characters.peek().map(|(_, next)| *next);
            if escape_all || !is_printable(c) || is_break(c) || matches!(c, '"' | '\\') {
                self.escape(c);
                after_space = false;
            } else if c == ' ' {
                if fold && !after_space && self.column > self.width() && index > 0 && next.is_some() {
                    self.write_indent(indent);
                    if next == Some(' ') {
                        self.put('\\');
                    }
                } else {
                    self.put(c);
                }
                after_space = true;
            } else {
                self.put(c);
                after_space = false;
            }
        }
        self.put('"');
        self.whitespace = false;
        self.indention = false;
    }

    fn escape(&mut self, c: char) {
        let start = self.out.len();
        let code = u32::from(c);
        let short = match c {
            '\0' => '0',
            '\x07' => 'a',
            '\x08' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\x0B' => 'v',
            '\x0C' => 'f',
            '\r' => 'r',
            '\x1B' => 'e',
            '"' => '"',
            '\\' => '\\',
            '\u{85}' => 'N',
            '\u{A0}' => '_',
            '\u{2028}' => 'L',
            '\u{2029}' => 'P',
            _ => '\0',
        };
        self.out.push('\\');
        // Writing to a string can't fail.
        let _ = match code {
            _ if short != '\0' => {
                self.out.push(short);
                Ok(())
            }
            0..=0xFF => write!(self.out, "x{code:02X}"),
            0x100..=0xFFFF => write!(self.out, "u{code:04X}"),
            _ => write!(self.out, "U{code:08X}"),
        };
        self.column += self.out.len() - start;
    }

    fn literal(&mut self, text: &str, indent: usize) {
        self.indicator("|", true, false);
        if text.starts_with(' ') || text.starts_with(is_break) {
            self.put('2');
        }
        match text.char_indices().next_back() {
            Some((index, last)) if is_break(last) => {
                if index == 0 || text[..index].ends_with(is_break) {
                    self.put('+');
                }
            }
            _ => self.put('-'),
        }
        self.put_break('\n');
        for line in text.split_inclusive(is_break) {
            let end = line.chars().next_back().filter(|c| is_break(*c));
            let content = &line[..line.len() - end.map_or(0, char::len_utf8)];
            if !content.is_empty() {
                self.write_indent(indent);
                self.out.push_str(content);
                self.column += content.chars().count();
                self.whitespace = false;
                self.indention = false;
            }
            if let Some(c) = end {
                self.put_break(c);
            }
        }
    }

    /// Writes an indicator, after a space where one is needed.
    fn indicator(&mut self, text: &str, needs_whitespace: bool, is_indention: bool) {
        if needs_whitespace && !self.whitespace {
            self.put(' ');
        }
        self.out.push_str(text);
        self.column += text.len();
        self.whitespace = false;
        self.indention &= is_indention;
    }

    /// Goes to a column, on a new line if this one is used already.
    fn write_indent(&mut self, indent: usize) {
        if !self.indention || self.column > indent || (self.column == indent && !self.whitespace) {
            self.put_break('\n');
        }
        const SPACES: &str = "                                                                ";
        while self.column < indent {
            let some = &SPACES[..SPACES.len().min(indent - self.column)];
            self.out.push_str(some);
            self.column += some.len();
        }
        self.whitespace = true;
        self.indention = true;
    }

    fn put(&mut self, c: char) {
        self.out.push(c);
        self.column += 1;
    }

    fn put_break(&mut self, c: char) {
        self.out.push(c);
        self.column = 0;
        self.whitespace = true;
        self.indention = true;
    }
}
