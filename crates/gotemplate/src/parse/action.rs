//! Lists of nodes: text, actions, control structures, definitions.

use std::rc::Rc;

use super::token::{Keyword, Kind, Token};
use super::{Parsed, Parser, State};
use crate::quote;
use crate::text::Text;
use crate::tree::{Branch, Invocation, List, Node, Pipe, Tree, is_blank};

/// What ends a list of nodes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    End,
    Else,
}

impl Ending {
    fn text(self) -> &'static str {
        match self {
            Self::End => "{{end}}",
            Self::Else => "{{else}}",
        }
    }
}

/// A node, or what ends the list that it would be in.
enum Item {
    Node(Node),
    Ending(Ending),
}

/// What has a pipeline and a list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Control {
    If,
    Range,
    With,
}

impl Control {
    fn name(self) -> &'static str {
        match self {
            Self::If => "if",
            Self::Range => "range",
            Self::With => "with",
        }
    }
}

/// Lists of nodes.
impl Parser<'_> {
    pub(super) fn top_level(&mut self) -> Parsed<()> {
        let mut list = List::new();
        loop {
            let token = self.peek();
            if token.kind == Kind::End {
                break;
            }
            if token.kind == Kind::LeftDelimiter {
                let delimiter = self.next();
                if self.next_non_space().kind == Kind::Keyword(Keyword::Define) {
                    self.definition()?;
                    continue;
                }
                self.back_with(delimiter);
            }
            match self.item()? {
                Item::Node(node) => list.push(node),
                Item::Ending(ending) => return Err(self.error(format!("unexpected {}", ending.text()))),
            }
        }
        self.add(list)
    }

    /// Makes a list the tree of the current name.
    fn add(&mut self, list: List) -> Parsed<()> {
        let name = &self.state.name;
        match self.trees.get(name) {
            Some(tree) if !is_blank(&tree.root, &tree.source) => {
                if is_blank(&list, &self.source) {
                    return Ok(());
                }
                let name = quote::quote(name);
                return Err(self.error([&b"template: multiple definition of template "[..], &name].concat()));
            }
            _ => {}
        }
        let tree =
            Tree { name: name.clone(), file: self.file.clone(), source: self.source.clone(), root: list };
        self.trees.insert(name.clone(), Rc::new(tree));
        Ok(())
    }

    /// `{{define "name"}} … {{end}}`, after `define`.
    fn definition(&mut self) -> Parsed<()> {
        const CONTEXT: &str = "define clause";
        let outer = std::mem::replace(&mut self.state, State::new(Text::default()));
        let name = self.next_non_space();
        self.state.name = self.template_name(name, CONTEXT)?;
        self.expect(Kind::RightDelimiter, CONTEXT)?;
        self.body(CONTEXT)?;
        self.state = outer;
        Ok(())
    }

    /// The nodes of a definition, up to its end.
    fn body(&mut self, context: &str) -> Parsed<()> {
        let (list, ending) = self.list()?;
        if ending != Ending::End {
            return Err(self.error(format!("unexpected {} in {context}", ending.text())));
        }
        self.add(list)
    }

    fn list(&mut self) -> Parsed<(List, Ending)> {
        self.check_depth()?;
        let first = self.nodes.len();
        while self.peek_non_space().kind != Kind::End {
            match self.item()? {
                Item::Node(node) => self.nodes.push(node),
                Item::Ending(ending) => return Ok((self.nodes.split_off(first), ending)),
            }
        }
        Err(self.error("unexpected EOF"))
    }

    /// Text or an action.
    fn item(&mut self) -> Parsed<Item> {
        let token = self.next_non_space();
        match token.kind {
            Kind::Text => Ok(Item::Node(Node::Text(token.start..token.end))),
            Kind::LeftDelimiter => {
                self.state.action_line = Some(token.line);
                let item = self.action()?;
                self.state.action_line = None;
                Ok(item)
            }
            _ => Err(self.unexpected(token, "input")),
        }
    }

    /// What is in `{{ }}`, after the left one.
    fn action(&mut self) -> Parsed<Item> {
        let token = self.next_non_space();
        let Kind::Keyword(keyword) = token.kind else {
            self.back();
            return Ok(Item::Node(Node::Action(self.pipeline("command", Kind::RightDelimiter)?)));
        };
        Ok(Item::Node(match keyword {
            Keyword::Block => self.block()?,
            Keyword::Break => {
                self.leave_range("{{break}}")?;
                Node::Break(token.start)
            }
            Keyword::Continue => {
                self.leave_range("{{continue}}")?;
                Node::Continue(token.start)
            }
            Keyword::Else => {
                let next = self.peek_non_space();
                if !matches!(next.kind, Kind::Keyword(Keyword::If | Keyword::With)) {
                    self.expect(Kind::RightDelimiter, "else")?;
                }
                return Ok(Item::Ending(Ending::Else));
            }
            Keyword::End => {
                self.expect(Kind::RightDelimiter, "end")?;
                return Ok(Item::Ending(Ending::End));
            }
            Keyword::If => Node::If(self.control(Control::If)?),
            Keyword::Range => Node::Range(self.control(Control::Range)?),
            Keyword::With => Node::With(self.control(Control::With)?),
            Keyword::Template => self.invocation()?,
            Keyword::Define => {
                self.back();
                Node::Action(self.pipeline("command", Kind::RightDelimiter)?)
            }
        }))
    }

    fn leave_range(&mut self, action: &str) -> Parsed<()> {
        let token = self.next_non_space();
        if token.kind != Kind::RightDelimiter {
            return Err(self.unexpected(token, action));
        }
        if self.state.ranges == 0 {
            return Err(self.error(format!("{action} outside {{{{range}}}}")));
        }
        Ok(())
    }

    /// `if`, `range` or `with`, after the word.
    fn control(&mut self, control: Control) -> Parsed<Box<Branch>> {
        self.check_depth()?;
        let variables = self.state.variables.len();
        let pipe = self.pipeline(control.name(), Kind::RightDelimiter)?;
        let is_range = usize::from(control == Control::Range);
        self.state.ranges += is_range;
        let (list, ending) = self.list()?;
        self.state.ranges -= is_range;
        let otherwise = match ending {
            Ending::End => None,
            Ending::Else => Some(self.otherwise(control)?),
        };
        self.state.variables.truncate(variables);
        Ok(Box::new(Branch { pipe, list, otherwise }))
    }

    /// What is after `else`; of `else if`, the word `if` is still to be read.
    fn otherwise(&mut self, control: Control) -> Parsed<List> {
        let next = self.peek().kind;
        if control == Control::If && next == Kind::Keyword(Keyword::If) {
            self.next();
            return Ok(vec![Node::If(self.control(Control::If)?)]);
        }
        if control == Control::With && next == Kind::Keyword(Keyword::With) {
            self.next();
            return Ok(vec![Node::With(self.control(Control::With)?)]);
        }
        match self.list()? {
            (list, Ending::End) => Ok(list),
            (_, ending) => Err(self.error(format!("expected end; found {}", ending.text()))),
        }
    }

    /// `{{block "name" pipeline}} … {{end}}`, after `block`: a definition and its invocation.
    fn block(&mut self) -> Parsed<Node> {
        const CONTEXT: &str = "block clause";
        let token = self.next_non_space();
        let name = self.template_name(token, CONTEXT)?;
        let pipe = self.pipeline(CONTEXT, Kind::RightDelimiter)?;
        let outer = std::mem::replace(&mut self.state, State::new(name.clone()));
        self.body(CONTEXT)?;
        self.state = outer;
        Ok(Node::Template(Box::new(Invocation { position: token.start, name, pipe: Some(pipe) })))
    }

    /// `{{template "name" pipeline}}`, after `template`.
    fn invocation(&mut self) -> Parsed<Node> {
        const CONTEXT: &str = "template clause";
        let token = self.next_non_space();
        let name = self.template_name(token, CONTEXT)?;
        let mut pipe: Option<Pipe> = None;
        if self.next_non_space().kind != Kind::RightDelimiter {
            self.back();
            pipe = Some(self.pipeline(CONTEXT, Kind::RightDelimiter)?);
        }
        Ok(Node::Template(Box::new(Invocation { position: token.start, name, pipe })))
    }

    fn template_name(&self, token: Token, context: &str) -> Parsed<Text> {
        match token.kind {
            Kind::String | Kind::RawString => self.unquote(token),
            _ => Err(self.unexpected(token, context)),
        }
    }

    pub(super) fn unquote(&self, token: Token) -> Parsed<Text> {
        let quoted = self.lexer.text(&token);
        if let Some(plain) = quote::plain(quoted) {
            return Ok(Text::from(plain));
        }
        quote::unquote(quoted).map(Text::from).ok_or_else(|| self.error("invalid syntax"))
    }
}
