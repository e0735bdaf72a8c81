//! Which blocks of a template are open at a line, and which action has not been closed: told from the
//! text alone, since what is wrong with it can't be parsed.

/// A `range`, `with`, `if`, `define` or `block` without its `end`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block<'t> {
    /// What is between the braces.
    pub(super) action: &'t str,
    /// Where it begins, from 1.
    pub(super) line: usize,
}

impl<'t> Block<'t> {
    /// Its keyword.
    pub(super) fn keyword(&self) -> &'t str {
        self.action.split_whitespace().next().unwrap_or_default()
    }
}

/// What a text is up to a line.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Open<'t> {
    /// The outermost first.
    pub(super) blocks: Vec<Block<'t>>,
    /// Where an action begins that goes on at the line, or that never ends.
    pub(super) action: Option<usize>,
}

/// What is open at the beginning of a line.
pub(super) fn at(text: &str, line: usize) -> Open<'_> {
    let mut open = Open::default();
    let mut rest = text;
    let mut number = 1;
    while let Some((before, after)) = rest.split_once("{{") {
        number += lines(before);
        if number >= line {
            break;
        }
        let begin = number;
        let length = end(after);
        let inside = after.get(..length.unwrap_or(after.len())).unwrap_or_default();
        number += lines(inside);
        if number >= line || length.is_none() {
            open.action = (begin < line).then_some(begin);
            break;
        }
        let action = inside.trim_matches('-').trim();
        let block = Block { action, line: begin };
        match block.keyword() {
            "if" | "range" | "with" | "define" | "block" => open.blocks.push(block),
            "end" => {
                open.blocks.pop();
            }
            _ => {}
        }
        rest = after.get(inside.len() + 2..).unwrap_or_default();
    }
    open
}

fn lines(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}

/// Where the `}}` is that ends an action or a comment.
fn end(text: &str) -> Option<usize> {
    let body = text.strip_prefix('-').unwrap_or(text).trim_start();
    if body.starts_with("/*") {
        let comment = text.find("*/")? + 2;
        return Some(comment + text.get(comment..)?.find("}}")?);
    }
    let mut characters = text.char_indices();
    while let Some((at, letter)) = characters.next() {
        match letter {
            '}' if text.get(at + 1..).is_some_and(|rest| rest.starts_with('}')) => return Some(at),
            '`' => {
                characters.find(|(_, letter)| *letter == '`');
            }
            '"' | '\'' => {
                let mut escaped = false;
                let closing = characters.find(|(_, inner)| {
                    let ends = (*inner == letter && !escaped) || *inner == '\n';
                    escaped = *inner == '\\' && !escaped;
                    ends
                });
                closing?;
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_is_found() {
        let text = "{{- if .a -}}\n{{/* {{ if }} */}}\n{{ range .b }}{{ \"}} {{ end }}\" }}\n{{ end }}\nx\n{{ with\n .c }}\n";
        let blocks = |line| {
            let open = at(text, line);
            (open.blocks.iter().map(|block| (block.keyword(), block.line)).collect::<Vec<_>>(), open.action)
        };
        assert_eq!(blocks(1), (vec![], None));
        assert_eq!(blocks(2), (vec![("if", 1)], None));
        assert_eq!(blocks(4), (vec![("if", 1), ("range", 3)], None));
        assert_eq!(blocks(5), (vec![("if", 1)], None));
        assert_eq!(blocks(7), (vec![("if", 1)], Some(6)));
        assert_eq!(blocks(99), (vec![("if", 1), ("with", 6)], None));
        assert_eq!(at("a\n{{ .b\nc: d\n", 3).action, Some(2));
        assert_eq!(at("{{ /* never\n", 2).action, Some(1));
    }

    #[test]
    fn no_text_panics() {
        for text in ["{{", "{{-", "{{ \"", "{{ '\\", "}}{{}}{{é", "{{/*", "{{/* */", "{{ ` }}"] {
            for line in 0..4 {
                at(text, line);
            }
        }
    }
}
