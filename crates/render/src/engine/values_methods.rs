//! The methods of `.Values`, of `.Template` and of the dot itself, which are all of one type in Helm.

use chartroom_gotemplate::{Body, CallError, Function, Map, Signature, Text, Type, Value};

use super::scope::VALUES;
use crate::plain::to_plain;

/// Methods, each with the name of the type that has it.
pub(super) fn methods() -> Vec<(&'static str, Function)> {
    let own = || Type::Named(VALUES);
    [
        method("AsMap", Signature::new([own()], Type::map()), as_map),
        method("YAML", Signature::new([own()], Type::String), yaml),
        method("Table", Signature::new([own(), Type::String], own()), table),
        method("PathValue", Signature::new([own(), Type::String], Type::Any), path_value),
    ]
    .into_iter()
    .map(|method| (VALUES, method))
    .collect()
}

fn method(
    name: &'static str,
    signature: Signature,
    body: fn(&[Value]) -> Result<Value, CallError>,
) -> Function {
    Function { name, signature, body: Body::Pure(body) }
}

fn receiver(arguments: &[Value]) -> Map {
    arguments.first().and_then(Value::as_map).cloned().unwrap_or_else(|| Map::nil(Type::Any))
}

fn path(arguments: &[Value]) -> Text {
    arguments.get(1).and_then(Value::as_text).cloned().unwrap_or_default()
}

/// The same values as a plain map.
fn as_map(arguments: &[Value]) -> Result<Value, CallError> {
    Ok(Value::Map(receiver(arguments).unnamed()))
}

fn yaml(arguments: &[Value]) -> Result<Value, CallError> {
    let told = |error: &dyn std::fmt::Display| CallError::new(error.to_string());
    let plain = to_plain(&Value::Map(receiver(arguments))).map_err(|error| told(&error))?;
    Ok(Value::from(chartroom_goyaml::encode(&plain).map_err(|error| told(&error))?))
}

fn table(arguments: &[Value]) -> Result<Value, CallError> {
    let path = path(arguments);
    let parts: Vec<&[u8]> = path.split(|byte| *byte == b'.').collect();
    find_table(receiver(arguments), &parts).map(Value::Map)
}

fn find_table(from: Map, path: &[&[u8]]) -> Result<Map, CallError> {
    path.iter().try_fold(from, |table, part| match table.get(part) {
        Some(Value::Map(inner)) => Ok(inner.as_named(&VALUES)),
        _ => Err(CallError::new(format!("\"{}\" is not a table", String::from_utf8_lossy(part)))),
    })
}

fn path_value(arguments: &[Value]) -> Result<Value, CallError> {
    let path = path(arguments);
    if path.is_empty() {
        return Err(CallError::new("YAML path cannot be empty"));
    }
    let parts: Vec<&[u8]> = path.split(|byte| *byte == b'.').collect();
    let Some((key, tables)) = parts.split_last() else { return Ok(Value::Nil) };
    let table = find_table(receiver(arguments), tables).ok();
    match table.and_then(|table| table.get(key)) {
        Some(Value::Map(table)) if table.type_name().is_none() => {}
        Some(value) => return Ok(value),
        None => {}
    }
    Err(CallError::new(format!("\"{}\" is not a value", String::from_utf8_lossy(key))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> Value {
        Value::map([("a", Value::map([("b", Value::map([("c", Value::int(5))]))])), ("s", Value::from("x"))])
    }

    #[test]
    fn values_are_found_by_paths() {
        let ask = |path: &str| {
            let found = path_value(&[values(), Value::from(path)]);
            found.map(|value| format!("{value:?}")).map_err(|error| error.to_string())
        };
        assert_eq!(ask("a.b.c"), Ok("5int".to_owned()));
        assert_eq!(ask("s"), Ok("\"x\"".to_owned()));
        for (path, problem) in [
            ("", "YAML path cannot be empty"),
            ("a", "\"a\" is not a value"),
            ("a.b", "\"b\" is not a value"),
            ("a.x.c", "\"c\" is not a value"),
            ("x", "\"x\" is not a value"),
        ] {
            assert_eq!(ask(path), Err(problem.to_owned()), "{path}");
        }
    }

    #[test]
    fn tables_are_found_by_paths() {
        let ask = |path: &str| {
            let found = table(&[values(), Value::from(path)]);
            found.map(|value| format!("{value:?}")).map_err(|error| error.to_string())
        };
        assert_eq!(ask("a.b"), Ok("{\"c\": 5int}".to_owned()));
        assert_eq!(ask("a.x"), Err("\"x\" is not a table".to_owned()));
        assert_eq!(ask("s"), Err("\"s\" is not a table".to_owned()));
    }
}
