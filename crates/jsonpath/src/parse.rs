//! From a template to its parts.

use crate::MAX_DEPTH;

/// A part of a template.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Block {
    /// What is printed as it is.
    Text(String),
    /// `{…}`: each step starts from what the one before has found.
    Path(Vec<Step>),
    /// `{range …}`
    Range {
        /// What to go over.
        over: Vec<Step>,
        /// What to do with each.
        body: Vec<Block>,
        /// Whether there is an `{end}`. Without one, what follows is done once more after all.
        closed: bool,
    },
    /// `{end}` without a range.
    StrayEnd,
}

/// A step of a path.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// A quoted text.
    Text(String),
    /// A number without a fraction.
    Int(i64),
    /// Another number.
    Float(f64),
    /// `true`, `false`
    Bool(bool),
    /// Any other word.
    Word(String),
    /// `.name`
    Field(String),
    /// `.*`
    Wildcard,
    /// `..`
    Descent,
    /// `[start:end:step]`
    Slice(Slice),
    /// `[…,…]`
    Union(Vec<Vec<Step>>),
    /// `[?(…)]`
    Filter(Box<Filter>),
}

/// Which elements of a list are wanted. Negative positions count from its end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Slice {
    pub(crate) start: Option<i64>,
    pub(crate) end: End,
    pub(crate) step: Option<i64>,
}

/// Where a slice ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum End {
    /// Before this element.
    Before(i64),
    /// It has one element.
    AfterStart,
    /// With the list.
    Open,
}

/// A condition on an element.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Filter {
    pub(crate) left: Vec<Step>,
    /// The operator as it was written, and what is compared; without them, `left` has to be there.
    pub(crate) compared: Option<(String, Vec<Step>)>,
}

type Result<T> = std::result::Result<T, String>;

/// Reads a whole template.
pub(crate) fn template(text: &str) -> Result<Vec<Block>> {
    let mut flat = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        if at > 0 {
            flat.push(Flat::Text(rest[..at].to_owned()));
        }
        let mut reader = Reader { text: &rest[at + 1..], depth: 0 };
        flat.push(Flat::Action(reader.action()?));
        rest = reader.text;
    }
    if !rest.is_empty() {
        flat.push(Flat::Text(rest.to_owned()));
    }
    let mut flat = flat.into_iter();
    let (mut blocks, mut ended) = nest(&mut flat, 0)?;
    while ended {
        let (more, again) = nest(&mut flat, 0)?;
        blocks.push(Block::StrayEnd);
        blocks.extend(more);
        ended = again;
    }
    Ok(blocks)
}

/// A part before ranges are put together.
enum Flat {
    Text(String),
    Action(Vec<Step>),
}

/// Puts ranges together, up to an `{end}`, if there is one.
fn nest(flat: &mut impl Iterator<Item = Flat>, depth: usize) -> Result<(Vec<Block>, bool)> {
    if depth > MAX_DEPTH {
        return Err(format!("more than {MAX_DEPTH} ranges inside each other"));
    }
    let mut blocks = Vec::new();
    while let Some(part) = flat.next() {
        let steps = match part {
            Flat::Text(text) => {
                blocks.push(Block::Text(text));
                continue;
            }
            Flat::Action(steps) => steps,
        };
        match steps.split_first() {
            Some((Step::Word(word), [])) if word == "end" => return Ok((blocks, true)),
            Some((Step::Word(word), over)) if word == "range" => {
                let over = over.to_vec();
                let (body, closed) = nest(flat, depth + 1)?;
                blocks.push(Block::Range { over, body, closed });
            }
            _ => blocks.push(Block::Path(steps)),
        }
    }
    Ok((blocks, false))
}

/// Reads what stands in braces.
struct Reader<'a> {
    text: &'a str,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<char> {
        let mut letters = self.text.chars();
        let letter = letters.next()?;
        self.text = letters.as_str();
        Some(letter)
    }

    /// Takes the text up to a letter that is such, which stays.
    fn until(&mut self, ends: impl FnMut(char) -> bool) -> &'a str {
        let at = self.text.find(ends).unwrap_or(self.text.len());
        let (taken, rest) = self.text.split_at(at);
        self.text = rest;
        taken
    }

    fn starts(&mut self, prefix: &str) -> bool {
        match self.text.strip_prefix(prefix) {
            Some(rest) => {
                self.text = rest;
                true
            }
            None => false,
        }
    }

    /// The steps up to the closing brace.
    fn action(&mut self) -> Result<Vec<Step>> {
        if self.depth > MAX_DEPTH {
            return Err(format!("more than {MAX_DEPTH} conditions and lists inside each other"));
        }
        let mut steps = Vec::new();
        loop {
            if self.starts("[?(") {
                let filter = self.filter()?;
                steps.push(Step::Filter(Box::new(filter)));
                continue;
            }
            if self.starts("..") {
                if steps.last() == Some(&Step::Descent) {
                    return Err("invalid multiple recursive descent".to_owned());
                }
                steps.push(Step::Descent);
                if self.text.starts_with(|letter: char| letter == '_' || letter.is_alphanumeric()) {
                    steps.push(self.field());
                }
                continue;
            }
            let before = self.text;
            match self.next() {
                None | Some('\n' | '\r') => return Err("unclosed action".to_owned()),
                Some('}') => return Ok(steps),
                // Both are the value at hand, which is where a path starts anyway.
                Some(' ' | '@' | '$') => {}
                Some('[') => self.brackets(&mut steps)?,
                Some(quote @ ('"' | '\'')) => steps.push(Step::Text(self.quoted(before, quote)?)),
                Some('.') => steps.push(self.field()),
                Some(letter) if matches!(letter, '+' | '-') || letter.is_numeric() => {
                    self.text = before;
                    steps.push(self.number()?);
                }
                Some(letter) if letter == '_' || letter.is_alphanumeric() => {
                    self.text = before;
                    steps.push(self.word());
                }
                Some(letter) => {
                    let code = u32::from(letter);
                    return Err(format!("unrecognized character in action: U+{code:04X} '{letter}'"));
                }
            }
        }
    }

    /// What follows a dot.
    fn field(&mut self) -> Step {
        let mut escaped = false;
        let name = self.until(|letter| {
            let ends = !escaped && ends_name(letter);
            escaped = !escaped && letter == '\\';
            ends
        });
        if name == "*" { Step::Wildcard } else { Step::Field(name.replace('\\', "")) }
    }

    fn word(&mut self) -> Step {
        match self.until(ends_name) {
            "true" => Step::Bool(true),
            "false" => Step::Bool(false),
            word => Step::Word(word.to_owned()),
        }
    }

    fn number(&mut self) -> Result<Step> {
        let mut first = true;
        let text = self.until(|letter| {
            let sign = std::mem::take(&mut first) && matches!(letter, '+' | '-');
            !(sign || letter == '.' || letter.is_numeric())
        });
        if let Ok(number) = text.parse() {
            return Ok(Step::Int(number));
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Step::Float(number)),
            _ => Err(format!("cannot parse number {text}")),
        }
    }

    /// What stands in quotes; the opening one is taken already.
    fn quoted(&mut self, from: &'a str, quote: char) -> Result<String> {
        let mut escaped = false;
        loop {
            match self.next() {
                None | Some('\n' | '\r') => return Err("unterminated quoted string".to_owned()),
                Some(letter) if letter == quote && !escaped => break,
                Some(letter) => escaped = letter == '\\',
            }
        }
        let whole = &from[..from.len() - self.text.len()];
        unquote(&whole[1..whole.len() - 1], quote)
            .ok_or_else(|| format!("unquote string {whole} error invalid syntax"))
    }

    /// What stands in brackets; the opening one is taken already.
    fn brackets(&mut self, steps: &mut Vec<Step>) -> Result<()> {
        let text = self.until(|letter| matches!(letter, ']' | '\n' | '\r'));
        if self.next() != Some(']') {
            return Err("unterminated array".to_owned());
        }
        let text = if text == "*" { ":" } else { text };
        if text.contains(',') {
            let each = text.split(',').map(|one| self.nested(&format!("[{}]", one.trim_matches(' '))));
            steps.push(Step::Union(each.collect::<Result<_>>()?));
            return Ok(());
        }
        let key = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
        if let Some(key) = key.filter(|key| !key.contains('\'')) {
            // As in Helm, a dot in it parts two fields unless it is escaped.
            steps.extend(self.nested(&format!(".{key}"))?);
            return Ok(());
        }
        steps.push(Step::Slice(slice(text)?));
        Ok(())
    }

    /// A condition; `[?(` is taken already.
    fn filter(&mut self) -> Result<Filter> {
        let from = self.text;
        let (mut quote, mut closed, mut before) = (None, false, None);
        loop {
            let letter = self.next();
            match letter {
                None | Some('\n' | '\r') => return Err("unterminated filter".to_owned()),
                Some(letter @ ('"' | '\'')) => match quote {
                    None => quote = Some(letter),
                    Some(open) => closed |= open == letter && before != Some('\\'),
                },
                Some(')') if quote.is_some() == closed => break,
                Some(_) => {}
            }
            before = letter;
        }
        let text = &from[..from.len() - self.text.len() - 1];
        if self.next() != Some(']') {
            return Err("unclosed array expect ]".to_owned());
        }
        match operator(text) {
            Some((left, operator, right)) => Ok(Filter {
                left: self.nested(left)?,
                compared: Some((operator.to_owned(), self.nested(right)?)),
            }),
            None => Ok(Filter { left: self.nested(text)?, compared: None }),
        }
    }

    /// The steps of a text that stands inside of others.
    fn nested(&self, text: &str) -> Result<Vec<Step>> {
        let closed = format!("{text}}}");
        Reader { text: &closed, depth: self.depth + 1 }.action()
    }
}

fn ends_name(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\n' | '\r' | '.' | ',' | '[' | ']' | '$' | '@' | '{' | '}')
}

/// `left`, `==`, `right`: parted by the first signs of comparison that have something on both sides.
fn operator(text: &str) -> Option<(&str, &str, &str)> {
    let signs = ['!', '<', '>', '='];
    let start = text.find(signs).filter(|start| *start > 0)?;
    let (left, rest) = text.split_at(start);
    let end = rest.find(|letter| !signs.contains(&letter))?;
    let (operator, right) = rest.split_at(end);
    Some((left, operator, right))
}

/// `1`, `1:3`, `:`, `-2:`, `::2`
fn slice(text: &str) -> Result<Slice> {
    let invalid = || format!("invalid array index {text}");
    let parts = text.split(':').collect::<Vec<_>>();
    if parts.len() > 3 {
        return Err(invalid());
    }
    let number = |part: &str| -> Result<Option<i64>> {
        let digits = part.strip_prefix('-').unwrap_or(part);
        if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(invalid());
        }
        if part.is_empty() {
            return Ok(None);
        }
        part.parse().map(Some).map_err(|_| format!("array index {part} is not a number"))
    };
    let mut numbers = parts.iter().map(|part| number(part)).collect::<Result<Vec<_>>>()?.into_iter();
    let start = numbers.next().flatten();
    let end = match numbers.next() {
        None => End::AfterStart,
        Some(None) => End::Open,
        Some(Some(end)) => End::Before(end),
    };
    Ok(Slice { start, end, step: numbers.next().flatten() })
}

/// What a text in quotes means, with Go's escapes.
fn unquote(text: &str, quote: char) -> Option<String> {
    let mut bytes = Vec::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            bytes.extend(letter.encode_utf8(&mut [0; 4]).bytes());
            continue;
        }
        let escape = letters.next()?;
        let plain = match escape {
            'a' => b'\x07',
            'b' => b'\x08',
            'f' => b'\x0c',
            'n' => b'\n',
            'r' => b'\r',
            't' => b'\t',
            'v' => b'\x0b',
            '\\' => b'\\',
            '\'' | '"' if escape == quote => escape as u8,
            'x' => u8::try_from(code(&mut letters, 0, 2, 16)?).ok()?,
            '0'..='7' => u8::try_from(code(&mut letters, escape.to_digit(8)?, 2, 8)?).ok()?,
            'u' | 'U' => {
                let digits = if escape == 'u' { 4 } else { 8 };
                let letter = char::from_u32(code(&mut letters, 0, digits, 16)?)?;
                bytes.extend(letter.encode_utf8(&mut [0; 4]).bytes());
                continue;
            }
            _ => return None,
        };
        bytes.push(plain);
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn code(letters: &mut std::str::Chars<'_>, start: u32, digits: usize, radix: u32) -> Option<u32> {
    (0..digits).try_fold(start, |sum, _| {
        let digit = letters.next()?.to_digit(radix)?;
        sum.checked_mul(radix)?.checked_add(digit)
    })
}
