//! The functions that need the engine: `include`, `tpl`, `required`, `fail`, `lookup`, `getHostByName`.

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::{IpAddr, ToSocketAddrs as _};
use std::rc::Rc;

use chartroom_gotemplate::{
    Body, CallError, Exec, Function, Limits, MissingKey, Signature, TemplateSet, Text, Type, Value, quote,
};

use super::{Options, SET, failure, replaced};
use crate::log::{Level, LogLine};

/// How often templates of one name may include each other before it is taken for a mistake.
const MAX_INCLUDES: u32 = 1000;

/// How deep texts that `tpl` executes may be nested in each other.
const MAX_TEXTS: usize = 1000;

/// How many of them are quoted whole by an error.
const MAX_QUOTED: usize = 20;

/// How many texts `tpl` keeps in mind.
const TEXTS: usize = 256;

/// What templates say while they are executed.
type Log = Rc<RefCell<Vec<LogLine>>>;

/// All functions that templates of charts have.
pub(super) fn all(options: &Options, log: &Log) -> Vec<Function> {
    let mut functions: HashMap<&'static str, Function> = HashMap::new();
    let own = [
        include(),
        tpl(),
        required(options.lint.then(|| log.clone())),
        fail(options.lint.then(|| log.clone())),
        lookup(options),
        get_host_by_name(options.dns),
    ];
    let sprig = chartroom_sprig::functions();
    for function in sprig.into_iter().chain(crate::functions::functions()).chain(own) {
        functions.insert(function.name, function);
    }
    functions.into_values().collect()
}

/// The names of all functions that templates of charts have, those of the language too.
pub(crate) fn function_names() -> Vec<&'static str> {
    let language = [
        "and", "or", "not", "call", "index", "slice", "len", "print", "printf", "println", "html", "js",
        "urlquery", "eq", "ne", "lt", "le", "gt", "ge",
    ];
    let functions = all(&Options::default(), &Log::default());
    functions.iter().map(|function| function.name).chain(language).collect()
}

fn executor(
    name: &'static str,
    signature: Signature,
    body: impl Fn(&mut Exec<'_>, &[Value]) -> Result<Value, CallError> + 'static,
) -> Function {
    Function { name, signature, body: Body::Executor(Rc::new(body)) }
}

fn closure(
    name: &'static str,
    signature: Signature,
    body: impl Fn(&[Value]) -> Result<Value, CallError> + 'static,
) -> Function {
    Function { name, signature, body: Body::Closure(Rc::new(body)) }
}

/// A text among the arguments. The executor has checked that it is one.
fn text(arguments: &[Value], at: usize) -> Text {
    arguments.get(at).and_then(Value::as_text).cloned().unwrap_or_default()
}

fn include() -> Function {
    let includes: RefCell<HashMap<Text, u32>> = RefCell::default();
    executor("include", Signature::new([Type::String, Type::Any], Type::String), move |exec, arguments| {
        let name = text(arguments, 0);
        let data = arguments.get(1).cloned().unwrap_or_default();
        let count = includes.borrow().get(&name).copied().unwrap_or(0);
        if count > MAX_INCLUDES {
            return Err(CallError::new(format!(
                "rendering template has a nested reference name: {name}: unable to execute template"
            )));
        }
        includes.borrow_mut().insert(name.clone(), count + 1);
        let included = exec.execute(name.as_bytes(), data);
        includes.borrow_mut().insert(name, count);
        Ok(Value::String(Text::from(included?)))
    })
}

fn tpl() -> Function {
    // Texts that were parsed with nothing but the chart's own templates around them.
    let known: RefCell<HashMap<Text, TemplateSet>> = RefCell::default();
    let depth = RefCell::new(0_usize);
    executor("tpl", Signature::new([Type::String, Type::Any], Type::String), move |exec, arguments| {
        let source = text(arguments, 0);
        let data = arguments.get(1).cloned().unwrap_or_default();
        if !source.windows(2).any(|pair| pair == b"{{") {
            // Nothing to execute: values often are just texts.
            return Ok(Value::String(match replaced(&source) {
                std::borrow::Cow::Borrowed(_) => source.clone(),
                std::borrow::Cow::Owned(text) => text.into(),
            }));
        }
        let outermost = *depth.borrow() == 0;
        if *depth.borrow() > MAX_TEXTS {
            // Helm has no bound here, and takes all memory there is.
            return Err(CallError::new(format!("more than {MAX_TEXTS} texts are nested in each other")));
        }
        let cached = if outermost { known.borrow().get(&source).cloned() } else { None };
        let set = match cached {
            Some(set) => set,
            None => {
                let mut set = exec.templates().clone();
                let parsed = set.parse_anew(SET, source.clone());
                parsed.map_err(|error| {
                    CallError::new(format!("cannot parse template {}: {error}", quoted(&source)))
                })?;
                if outermost && known.borrow().len() < TEXTS {
                    known.borrow_mut().insert(source.clone(), set.clone());
                }
                set
            }
        };
        *depth.borrow_mut() += 1;
        let executed = exec.execute_in(&set, SET, data);
        *depth.borrow_mut() -= 1;
        let written = executed.map_err(|error| {
            // Deep down, what is quoted once more each time would fill the memory.
            let end = if *depth.borrow() > MAX_QUOTED { source.len().min(80) } else { source.len() };
            let shown = source.get(..end).unwrap_or_default().into();
            let prefix = format!("error during tpl function execution for {}: ", quoted(&shown));
            CallError::wrap(prefix, error)
        })?;
        Ok(Value::String(super::without_no_value(written).into()))
    })
}

/// A text in Go's quotes.
fn quoted(text: &Text) -> String {
    String::from_utf8_lossy(&quote::quote(text)).into_owned()
}

fn required(lint: Option<Log>) -> Function {
    closure("required", Signature::new([Type::String, Type::Any], Type::Any), move |arguments| {
        let value = arguments.get(1).cloned().unwrap_or_default();
        let what = match &value {
            Value::Nil => "missing required value",
            Value::String(text) if text.is_empty() => "missing required values",
            _ => return Ok(value),
        };
        let message = text(arguments, 0).to_str().into_owned();
        match &lint {
            None => Err(CallError::new(failure::marked(&message))),
            Some(log) => {
                log.borrow_mut().push(LogLine::warn(what, vec![("message", message)]));
                Ok(Value::from(""))
            }
        }
    })
}

fn fail(lint: Option<Log>) -> Function {
    closure("fail", Signature::new([Type::String], Type::String), move |arguments| {
        let message = text(arguments, 0).to_str().into_owned();
        match &lint {
            None => Err(CallError::new(failure::marked(&message))),
            Some(log) => {
                let fields = vec![("message", message)];
                let line = LogLine { level: Level::Info, message: "funcMap fail".to_owned(), fields };
                log.borrow_mut().push(line);
                Ok(Value::from(""))
            }
        }
    })
}

fn lookup(options: &Options) -> Function {
    let find = options.lookup.clone().filter(|_| !options.lint);
    let signature = Signature::new([const { Type::String }; 4], Type::map());
    closure("lookup", signature, move |arguments| {
        let Some(find) = &find else { return Ok(Value::map::<&str>([])) };
        let [api_version, kind, namespace, name] =
            [0, 1, 2, 3].map(|at| text(arguments, at).to_str().into_owned());
        find(&api_version, &kind, &namespace, &name).map_err(CallError::new)
    })
}

fn get_host_by_name(dns: bool) -> Function {
    closure("getHostByName", Signature::new([Type::String], Type::String), move |arguments| {
        let name = text(arguments, 0).to_str().into_owned();
        let addresses = if dns { addresses(&name) } else { Vec::new() };
        // Sprig takes any of them; the first is as good, and the same each time.
        Ok(Value::from(addresses.first().map(IpAddr::to_string).unwrap_or_default()))
    })
}

fn addresses(name: &str) -> Vec<IpAddr> {
    let found = (name, 0_u16).to_socket_addrs();
    found.map(|found| found.map(|address| address.ip()).collect()).unwrap_or_default()
}

/// The name of a release that a template makes (`--name-template`): with Sprig's functions, and with
/// nothing to see.
///
/// # Errors
///
/// In Go's words, when it is no template, or fails.
pub fn name_of_template(template: &str) -> Result<String, String> {
    const NAME: &str = "name-template";
    let fail = closure("fail", Signature::new([Type::String], Type::String), |arguments| {
        Err(CallError::new(text(arguments, 0).to_str().into_owned()))
    });
    let env = closure("env", Signature::new([Type::String], Type::String), |arguments| {
        Ok(Value::from(variable(&text(arguments, 0).to_str())))
    });
    let expand = closure("expandenv", Signature::new([Type::String], Type::String), |arguments| {
        Ok(Value::from(expanded(&text(arguments, 0).to_str())))
    });
    let resolve = get_host_by_name(true);
    let functions = chartroom_sprig::functions().into_iter().chain([fail, env, expand, resolve]);
    let limits = Limits::default();
    let mut set = TemplateSet::new(NAME, MissingKey::Default, functions);
    set.parse(NAME, template).map_err(|error| error.to_string())?;
    let name = set.execute(NAME, Value::Nil, &limits).map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&name).into_owned())
}

fn variable(name: &str) -> String {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()).unwrap_or_default()
}

/// A text with `$NAME` and `${NAME}` filled in.
fn expanded(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        if let Some((name, after)) = after.strip_prefix('{').and_then(|after| after.split_once('}')) {
            out.push_str(&variable(name));
            rest = after;
            continue;
        }
        let end = after.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        let (name, after) = after.split_at(end.unwrap_or(after.len()));
        if name.is_empty() {
            out.push('$');
        } else {
            out.push_str(&variable(name));
        }
        rest = after;
    }
    out.push_str(rest);
    out
}
