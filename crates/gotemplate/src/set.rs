//! Sets of templates that can call each other.

use std::collections::HashMap;
use std::rc::Rc;

use crate::builtin::Builtin;
use crate::error::ExecError;
use crate::exec::{Exec, Limits};
use crate::function::Function;
use crate::parse::{self, ParseError, Trees};
use crate::stack::Stack;
use crate::text::Text;
use crate::tree::{Callee, Tree, is_blank};
use crate::value::Value;

/// What a map gives for a key that it does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingKey {
    /// Nothing, which prints as `<no value>`. A field of nothing is nothing.
    #[default]
    Default,
    /// The zero of the type of its values. That of `interface {}` prints as `<no value>` too, but
    /// a field of it is an error.
    Zero,
    /// An error.
    Error,
}

/// How much of the stack parsing may use.
const PARSE_STACK: usize = 512 << 10;

/// How many layers may be on each other before they are made one.
const MAX_HEIGHT: usize = 8;

/// Templates that share functions and a namespace. A clone is cheap, and what is parsed into it is
/// not seen by the original.
#[derive(Clone)]
pub struct TemplateSet {
    layer: Rc<Layer>,
}

/// Templates that were parsed while nobody else had this layer, over those of the layer below.
struct Layer {
    below: Option<Rc<Layer>>,
    /// How many layers are below.
    height: usize,
    trees: Trees,
    shared: Rc<Settings>,
}

/// What all clones of a set have.
struct Settings {
    name: String,
    missing_key: MissingKey,
    functions: HashMap<&'static str, Rc<Function>>,
    methods: HashMap<&'static str, Vec<Rc<Function>>>,
}

impl Layer {
    fn over(below: &Rc<Self>, trees: impl IntoIterator<Item = (Text, Rc<Tree>)>) -> Self {
        let shared = below.shared.clone();
        if below.height < MAX_HEIGHT {
            let trees = trees.into_iter().collect();
            return Self { below: Some(below.clone()), height: below.height + 1, trees, shared };
        }
        let mut all = Trees::new();
        let mut next = Some(below);
        while let Some(layer) = next {
            for (name, tree) in &layer.trees {
                all.entry(name.clone()).or_insert_with(|| tree.clone());
            }
            next = layer.below.as_ref();
        }
        all.extend(trees);
        Self { below: None, height: 0, trees: all, shared }
    }
}

impl TemplateSet {
    /// An empty set. Its name is told by errors about templates that are not in it.
    ///
    /// A function that has the name of one of the language's own is used in its stead.
    pub fn new(
        name: impl Into<String>,
        missing_key: MissingKey,
        functions: impl IntoIterator<Item = Function>,
    ) -> Self {
        Self::with_methods(name, missing_key, functions, [])
    }

    /// The same, with methods for maps whose types have names. A method comes with the name of the
    /// type, and is a function whose first parameter is the map.
    pub fn with_methods(
        name: impl Into<String>,
        missing_key: MissingKey,
        functions: impl IntoIterator<Item = Function>,
        methods: impl IntoIterator<Item = (&'static str, Function)>,
    ) -> Self {
        let functions = functions.into_iter().map(|function| (function.name, Rc::new(function)));
        let mut of_types = HashMap::<_, Vec<_>>::new();
        for (of, method) in methods {
            of_types.entry(of).or_default().push(Rc::new(method));
        }
        let shared =
            Settings { name: name.into(), missing_key, functions: functions.collect(), methods: of_types };
        let layer = Layer { below: None, height: 0, trees: Trees::new(), shared: Rc::new(shared) };
        Self { layer: Rc::new(layer) }
    }

    /// Reads a template, and adds it under its name together with those that it defines.
    ///
    /// A template that is there already is replaced, unless the new one is but white space and
    /// comments. How deeply the source may be nested is bounded by the stack that this may use,
    /// 512 KiB.
    ///
    /// # Errors
    ///
    /// Where it is wrong; nothing is added then.
    pub fn parse(&mut self, name: impl AsRef<[u8]>, source: impl Into<Text>) -> Result<(), ParseError> {
        self.add(name.as_ref(), source.into(), false)
    }

    /// The same, but the template itself replaces one of its name also if it is blank.
    ///
    /// # Errors
    ///
    /// Those of [`TemplateSet::parse`].
    pub fn parse_anew(&mut self, name: impl AsRef<[u8]>, source: impl Into<Text>) -> Result<(), ParseError> {
        self.add(name.as_ref(), source.into(), true)
    }

    fn add(&mut self, main: &[u8], source: Text, anew: bool) -> Result<(), ParseError> {
        let callee = |name: &[u8]| self.callee(name);
        let trees = parse::parse(Text::from(main), source, &callee, Stack::new(PARSE_STACK))?;
        let kept = trees.into_iter().filter(|(name, tree)| {
            let replaces = anew && name.as_bytes() == main;
            replaces || !is_blank(&tree.root, &tree.source) || self.tree(name).is_none()
        });
        let kept = kept.collect::<Vec<_>>();
        match Rc::get_mut(&mut self.layer) {
            Some(layer) => layer.trees.extend(kept),
            None => self.layer = Rc::new(Layer::over(&self.layer, kept)),
        }
        Ok(())
    }

    /// Whether there is a template of a name.
    pub fn has(&self, name: impl AsRef<[u8]>) -> bool {
        self.tree(name.as_ref()).is_some()
    }

    /// Executes a template on data, and gives what it writes.
    ///
    /// # Errors
    ///
    /// What failed and where, also if a limit was reached. What was written until then is lost.
    pub fn execute(
        &self,
        name: impl AsRef<[u8]>,
        data: Value,
        limits: &Limits,
    ) -> Result<Vec<u8>, ExecError> {
        Exec::new(self.clone(), limits).execute(name, data)
    }

    /// The set's name.
    pub fn name(&self) -> &str {
        &self.layer.shared.name
    }

    pub(crate) fn missing_key(&self) -> MissingKey {
        self.layer.shared.missing_key
    }

    pub(crate) fn method(&self, of: &str, name: &[u8]) -> Option<&Rc<Function>> {
        let methods = self.layer.shared.methods.get(of)?;
        methods.iter().find(|method| method.name.as_bytes() == name)
    }

    pub(crate) fn tree(&self, name: &[u8]) -> Option<&Rc<Tree>> {
        let mut next = Some(&self.layer);
        while let Some(layer) = next {
            if let Some(tree) = layer.trees.get(name) {
                return Some(tree);
            }
            next = layer.below.as_ref();
        }
        None
    }

    fn callee(&self, name: &[u8]) -> Option<Callee> {
        let function = std::str::from_utf8(name).ok().and_then(|name| self.layer.shared.functions.get(name));
        match function {
            Some(function) => Some(Callee::Host(function.clone())),
            None => Builtin::find(name).map(Callee::Builtin),
        }
    }
}
