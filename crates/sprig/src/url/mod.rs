//! URLs, as Go's `net/url` takes them apart and puts them together.

mod address;
mod escape;
mod parse;

use chartroom_gotemplate::{CallError, Function, Map, Type, Value};

pub use self::address::check_address;
use self::escape::{Part, escape};
pub use self::parse::{Url, User, parse, parse_request};
use crate::arguments::{map, text};
use crate::declare::{fixed, string};
use crate::reflection::{kind_name, nil_dereference};

pub(crate) fn functions() -> Vec<Function> {
    vec![
        fixed("urlParse", [Type::String], Type::map(), |arguments| take_apart(text(arguments, 0))),
        fixed("urlJoin", [Type::map()], Type::String, |arguments| join(&map(arguments, 0))),
        // Manifests shall not depend on who answers; whoever wants that replaces this function.
        fixed("getHostByName", [Type::String], Type::String, |_| string("")),
    ]
}

fn take_apart(text: &[u8]) -> Result<Value, CallError> {
    let url = parse(text).map_err(|error| CallError::new(format!("unable to parse url: {error}")))?;
    let hostname = url.hostname().to_vec();
    let userinfo = url.user.map(|user| user.to_text()).unwrap_or_default();
    Ok(Value::map([
        ("scheme", Value::String(url.scheme.into())),
        ("host", Value::String(url.host.into())),
        ("hostname", Value::String(hostname.into())),
        ("path", Value::String(url.path.into())),
        ("query", Value::String(url.query.into())),
        ("opaque", Value::String(url.opaque.into())),
        ("fragment", Value::String(url.fragment.into())),
        ("userinfo", Value::String(userinfo.into())),
    ]))
}

fn join(parts: &Map) -> Result<Value, CallError> {
    let mut url = Url {
        scheme: part(parts, "scheme")?,
        host: part(parts, "host")?,
        path: part(parts, "path")?,
        query: part(parts, "query")?,
        opaque: part(parts, "opaque")?,
        fragment: part(parts, "fragment")?,
        user: None,
    };
    let userinfo = part(parts, "userinfo")?;
    if !userinfo.is_empty() {
        let with_user = parse(&[b"proto://", userinfo.as_slice(), b"@host"].concat())
            .map_err(|error| CallError::new(format!("unable to parse userinfo in dict: {error}")))?;
        url.user = with_user.user;
    }
    string(url.to_text())
}

/// A part, which need not be there.
fn part(parts: &Map, key: &str) -> Result<Vec<u8>, CallError> {
    match parts.get(key.as_bytes()) {
        None => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(text.to_vec()),
        Some(Value::Nil) => Err(nil_dereference()),
        Some(value) => {
            if let Value::Object(object) = &value
                && let Some(Value::String(text)) = object.underlying()
            {
                return Ok(text.to_vec());
            }
            let kind = kind_name(&value);
            Err(CallError::new(format!(
                "unable to parse {key} key, must be of type string, but {kind} found"
            )))
        }
    }
}

impl User {
    fn to_text(&self) -> Vec<u8> {
        let mut text = escape(&self.name, Part::User);
        if let Some(password) = &self.password {
            text.push(b':');
            text.extend(escape(password, Part::User));
        }
        text
    }
}

impl Url {
    /// The host without port and brackets.
    pub fn hostname(&self) -> &[u8] {
        let host = match memchr::memrchr(b':', &self.host).map(|colon| self.host.split_at(colon)) {
            Some((host, port)) if parse::is_port(port) => host,
            _ => &self.host,
        };
        host.strip_prefix(b"[").and_then(|host| host.strip_suffix(b"]")).unwrap_or(host)
    }

    fn to_text(&self) -> Vec<u8> {
        let mut text = Vec::new();
        if !self.scheme.is_empty() {
            text.extend_from_slice(&self.scheme);
            text.push(b':');
        }
        if self.opaque.is_empty() {
            self.write_hierarchy(&mut text);
        } else {
            text.extend_from_slice(&self.opaque);
        }
        if !self.query.is_empty() {
            text.push(b'?');
            text.extend_from_slice(&self.query);
        }
        if !self.fragment.is_empty() {
            text.push(b'#');
            text.extend(escape(&self.fragment, Part::Fragment));
        }
        text
    }

    /// User, host and path.
    fn write_hierarchy(&self, text: &mut Vec<u8>) {
        let absolute = !self.host.is_empty() || self.user.is_some();
        if absolute || !self.scheme.is_empty() && !self.path.is_empty() {
            text.extend_from_slice(b"//");
        }
        if let Some(user) = &self.user {
            text.extend(user.to_text());
            text.push(b'@');
        }
        text.extend(escape(&self.host, Part::Host));
        let path = if self.path == b"*" { self.path.clone() } else { escape(&self.path, Part::Path) };
        if !path.is_empty() && !path.starts_with(b"/") && !self.host.is_empty() {
            text.push(b'/');
        }
        // What is before a colon would be taken for a scheme.
        if text.is_empty()
            && path.split(|&byte| byte == b'/').next().is_some_and(|first| first.contains(&b':'))
        {
            text.extend_from_slice(b"./");
        }
        text.extend(path);
    }
}
