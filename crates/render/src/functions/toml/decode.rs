//! TOML to values: the grammar, with the errors of BurntSushi's `toml`.

use chartroom_gotemplate::quote::quote;
use chartroom_gotemplate::{Text, Value, unicode};

use super::cursor::{Cursor, Failure, Parsed, is_bare, quoted, quoted_char};
use super::document::{self, Document, Node, Table};
use super::{MAX_NESTING, scalar};

/// Reads a document into a map.
///
/// # Errors
///
/// In the library's words, with line and last key.
pub(super) fn document(text: &[u8]) -> Result<Value, String> {
    let text = match text {
        [0xFF, 0xFE, rest @ ..] | [0xFE, 0xFF, rest @ ..] | [0xEF, 0xBB, 0xBF, rest @ ..] => rest,
        text => text,
    };
    if text.iter().take(6).any(|byte| *byte == 0) {
        return Err(
            "toml: line 1: files cannot contain NULL bytes; probably using UTF-16; TOML files must be \
                    UTF-8"
                .to_owned(),
        );
    }
    let mut parser =
        Parser { cursor: Cursor::new(text), key_line: 1, depth: 0, document: Document::default() };
    match parser.top() {
        Ok(()) => Ok(parser.document.finish()),
        Err(Failure { line, message }) => {
            let last_key = parser.document.last_key();
            Err(if last_key.is_empty() {
                format!("toml: line {line}: {message}")
            } else {
                let last_key = quote(&last_key);
                format!("toml: line {line} (last key {}): {message}", String::from_utf8_lossy(&last_key))
            })
        }
    }
}

struct Parser<'t> {
    cursor: Cursor<'t>,
    /// The line of the key that was read last.
    key_line: usize,
    depth: usize,
    document: Document,
}

impl Parser<'_> {
    /// A failure that the document tells.
    fn refused<T>(&self, result: Result<T, document::Problem>) -> Parsed<T> {
        result.map_err(|problem| self.cursor.at_line(self.key_line, problem))
    }

    fn top(&mut self) -> Parsed<()> {
        loop {
            match self.cursor.peek()? {
                None => return Ok(()),
                Some(' ' | '\t' | '\n' | '\r') => {
                    self.cursor.next()?;
                }
                Some('#') => self.cursor.comment()?,
                Some('[') => {
                    self.cursor.next()?;
                    self.header()?;
                    self.line_end()?;
                }
                Some(_) => {
                    self.entry()?;
                    self.line_end()?;
                }
            }
        }
    }

    /// Nothing but a comment may follow on a line.
    fn line_end(&mut self) -> Parsed<()> {
        self.cursor.skip_blanks()?;
        match self.cursor.next()? {
            None | Some('\n' | '\r') => Ok(()),
            Some('#') => self.cursor.comment(),
            other => {
                let found = quoted_char(other);
                self.cursor.fail(format!(
                    "expected a top-level item to end with a newline, comment, or EOF, but got {found} instead"
                ))
            }
        }
    }

    /// `[table]` or `[[table]]`, after the first bracket.
    fn header(&mut self) -> Parsed<()> {
        let one_of_several = self.cursor.accept('[')?;
        let mut path = Vec::new();
        loop {
            self.cursor.skip_blanks()?;
            match self.cursor.peek()? {
                None | Some(']') => {
                    return self.cursor.fail("unexpected end of table name (table names cannot be empty)");
                }
                Some('.') => {
                    return self.cursor.fail("unexpected table separator (table names cannot be empty)");
                }
                _ => {}
            }
            let part = self.key_part(path.is_empty())?;
            path.push(part);
            self.cursor.skip_blanks()?;
            match self.cursor.next()? {
                Some('.') => {}
                Some(']') => break,
                other => {
                    let found = quoted_char(other);
                    let message = format!("expected '.' or ']' to end table name, but got {found} instead");
                    return self.cursor.fail_at(other, message);
                }
            }
        }
        if one_of_several {
            let letter = self.cursor.next()?;
            if letter != Some(']') {
                let found = quoted_char(letter);
                let message =
                    format!("expected end of table array name delimiter ']', but got {found} instead");
                return self.cursor.fail_at(letter, message);
            }
        }
        let entered = self.document.enter(&path, one_of_several);
        self.refused(entered)?;
        self.document.note_other(&Text::default());
        Ok(())
    }

    /// A key and its value, in the document.
    fn entry(&mut self) -> Parsed<()> {
        let outside = self.document.context.clone();
        let mut path = self.key()?;
        let last = path.pop().unwrap_or_default();
        self.document.current = last.clone();
        let entered = self.document.enter_dotted(&path);
        self.refused(entered)?;
        let node = self.value(false)?;
        let is_array = matches!(node, Node::Value(Value::List(_)));
        let defined = self.document.define(last.clone(), || node);
        self.refused(defined)?;
        if !is_array {
            self.document.note_other(&last);
        }
        self.document.context = outside;
        self.document.current = Text::default();
        Ok(())
    }

    /// The parts of a key, and the `=` behind them.
    fn key(&mut self) -> Parsed<Vec<Text>> {
        self.cursor.skip_blanks()?;
        match self.cursor.peek()? {
            None | Some('=') => return self.cursor.fail("unexpected '=': key name appears blank"),
            Some('.') => return self.cursor.fail("unexpected '.': keys cannot start with a '.'"),
            _ => {}
        }
        let mut path = Vec::new();
        loop {
            self.cursor.skip_blanks()?;
            match self.cursor.peek()? {
                None | Some('=') => return self.cursor.fail("unexpected '='"),
                Some('.') => return self.cursor.fail("unexpected '.'"),
                _ => {}
            }
            let part = self.key_part(path.is_empty())?;
            path.push(part);
            self.cursor.skip_blanks()?;
            let letter = self.cursor.next()?;
            match letter {
                Some('.') => {}
                Some('=') => return Ok(path),
                None => return self.cursor.fail_at(None, "unexpected EOF; expected key separator '='"),
                Some(_) => {
                    let message = format!("expected '.' or '=', but got {} instead", quoted_char(letter));
                    return if letter == Some('\n') {
                        self.cursor.fail_before(message)
                    } else {
                        self.cursor.fail(message)
                    };
                }
            }
        }
    }

    /// A part of a key: bare, which may be nothing at all, or in quotes.
    fn key_part(&mut self, first: bool) -> Parsed<Text> {
        let start = self.cursor.at;
        let part: Text = match self.cursor.peek()? {
            Some('"') => {
                self.cursor.next()?;
                self.cursor.basic_string()?.into()
            }
            Some('\'') => {
                self.cursor.next()?;
                self.cursor.literal_string()?.into()
            }
            _ => {
                while is_bare(self.cursor.peek()?) {
                    self.cursor.next()?;
                }
                self.cursor.text[start..self.cursor.at].into()
            }
        };
        if first {
            self.key_line = self.cursor.line;
        }
        Ok(part)
    }

    fn value(&mut self, in_array: bool) -> Parsed<Node> {
        self.cursor.skip_blanks()?;
        let start = self.cursor.at;
        let letter = self.cursor.next()?;
        let value = match letter {
            Some('0'..='9') => {
                self.cursor.at = start;
                self.cursor.number_or_date()?
            }
            Some('[') => self.array()?,
            Some('{') => return self.inline_table(in_array).map(Node::Table),
            Some('"') if self.cursor.two_more('"')? => {
                let text = self.cursor.multiline(b'"')?;
                let text = scalar::join_lines(scalar::without_first_break(&text));
                Value::String(self.cursor.scalar(scalar::unescape(&text))?.into())
            }
            Some('"') => Value::String(self.cursor.basic_string()?.into()),
            Some('\'') if self.cursor.two_more('\'')? => {
                let text = self.cursor.multiline(b'\'')?;
                Value::String(scalar::without_first_break(&text).into())
            }
            Some('\'') => Value::String(self.cursor.literal_string()?.into()),
            Some('.') => return self.cursor.fail("floats must start with a digit, not '.'"),
            Some('-' | '+') => self.cursor.signed_number(start)?,
            None => return self.cursor.fail_at(None, "unexpected EOF; expected value"),
            Some('\n') => return self.cursor.fail_before("expected value but found '\\n' instead"),
            Some(other) => {
                // Go looks for both words at once.
                if matches!(other, 'i' | 'n')
                    && ((self.cursor.accept('n')? && self.cursor.accept('f')?)
                        || (self.cursor.accept('a')? && self.cursor.accept('n')?))
                {
                    let text = &self.cursor.text[start..self.cursor.at];
                    return self.cursor.scalar(scalar::float(text)).map(Node::Value);
                }
                if !unicode::is_letter(other) {
                    let found = quoted_char(letter);
                    return self.cursor.fail(format!("expected value but found {found} instead"));
                }
                // One letter back, which is not always the first.
                let mut from = self.cursor.at - 1;
                while from > start && !self.cursor.text[from].is_ascii() {
                    from -= 1;
                }
                self.cursor.at = from;
                self.cursor.boolean()?
            }
        };
        Ok(Node::Value(value))
    }

    fn deeper(&mut self) -> Parsed<()> {
        self.depth += 1;
        if self.depth > MAX_NESTING {
            return self.cursor.fail(format!("nesting beyond {MAX_NESTING} levels is not supported"));
        }
        Ok(())
    }

    fn or_end(letter: Option<char>) -> String {
        letter.map_or("end of file".to_owned(), |letter| format!("'{letter}'"))
    }

    /// An array after its bracket.
    fn array(&mut self) -> Parsed<Value> {
        self.deeper()?;
        self.document.note_array();
        let mut items = Vec::new();
        loop {
            self.cursor.skip_lines()?;
            match self.cursor.peek()? {
                Some(',') => return self.cursor.fail("unexpected comma"),
                Some(']') => break,
                _ => {}
            }
            items.push(match self.value(true)? {
                Node::Value(value) => value,
                Node::Table(table) => document::table_value(table),
                Node::Tables(_) => Value::Nil,
            });
            self.cursor.skip_lines()?;
            match self.cursor.peek()? {
                Some(',') => {
                    self.cursor.next()?;
                }
                Some(']') => break,
                other => {
                    let found = Self::or_end(other);
                    let message =
                        format!("expected a comma (',') or array terminator (']'), but got {found}");
                    return self.cursor.fail_at(other, message);
                }
            }
        }
        self.cursor.next()?;
        self.depth -= 1;
        Ok(Value::list(items))
    }

    /// A table in braces, after the first of them. It is built twice: in the document, which knows
    /// what may be defined, and by itself, for arrays.
    fn inline_table(&mut self, in_array: bool) -> Parsed<Table> {
        self.deeper()?;
        let outside = self.document.context.clone();
        let outer_key = self.document.current.clone();
        let mut inside = outside.clone();
        inside.push(outer_key.clone());
        self.document.current = Text::default();
        self.document.context.clone_from(&inside);
        let entered = self.document.enter_implicit(&inside, in_array);
        self.refused(entered)?;
        let mut table = Table::new();
        loop {
            self.cursor.skip_lines()?;
            match self.cursor.peek()? {
                Some(',') => return self.cursor.fail("unexpected comma"),
                Some('}') => break,
                _ => {}
            }
            self.inline_entry(&mut table)?;
            self.document.context.clone_from(&inside);
            self.cursor.skip_lines()?;
            match self.cursor.peek()? {
                Some(',') => {
                    self.cursor.next()?;
                }
                Some('}') => break,
                other => {
                    let found = Self::or_end(other);
                    let message = format!(
                        "expected a comma or an inline table terminator '}}', but got {found} instead"
                    );
                    return self.cursor.fail_at(other, message);
                }
            }
        }
        self.cursor.next()?;
        self.document.context = outside;
        self.document.current = outer_key;
        self.depth -= 1;
        Ok(table)
    }

    fn inline_entry(&mut self, table: &mut Table) -> Parsed<()> {
        let mut path = self.key()?;
        let last = path.pop().unwrap_or_default();
        self.document.current = last.clone();
        let entered = self.document.enter_dotted(&path);
        self.refused(entered)?;
        let node = self.value(false)?;
        // A table has built itself in the document already, and is hardly ever copied.
        let defined = self.document.define(last.clone(), || node.clone());
        self.refused(defined)?;
        if !matches!(node, Node::Value(Value::List(_))) {
            self.document.note_other(&last);
        }
        let mut inner = table;
        for part in path {
            let entry = inner.entry(part).or_insert_with(|| Node::Table(Table::new()));
            let Node::Table(next) = entry else {
                let context = self.document.last_key();
                return self.refused(Err(format!("{} is not a table", quoted(&context))));
            };
            inner = next;
        }
        inner.insert(last, node);
        Ok(())
    }
}
