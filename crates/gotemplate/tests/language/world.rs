//! The data and functions of the golden templates, as the Go program has them that made these.

use std::any::Any;
use std::rc::Rc;

use chartroom_gotemplate::format::{display, sprint};
use chartroom_gotemplate::{
    Body, CallError, Exec, Function, IntType, Kind, List, Map, Object, Signature, Text, Type, Value,
};

/// A pointer to a struct with methods, or the struct itself.
#[derive(Debug)]
struct Thing {
    pointer: bool,
    name: &'static str,
    count: i64,
    tags: List,
    any: Value,
}

impl Thing {
    fn members(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("Name", self.name.into()),
            ("Count", Value::int(self.count)),
            ("Tags", Value::List(self.tags.clone())),
            ("Any", self.any.clone()),
        ]
    }
}

impl Object for Thing {
    fn type_name(&self) -> &'static str {
        if self.pointer { "*main.Thing" } else { "main.Thing" }
    }

    fn kind(&self) -> Kind {
        if self.pointer { Kind::Pointer } else { Kind::Struct }
    }

    fn field(&self, name: &str) -> Option<Value> {
        self.members().into_iter().find(|(field, _)| *field == name).map(|(_, value)| value)
    }

    fn fields(&self) -> Vec<(&'static str, &'static str, Value)> {
        self.members().into_iter().map(|(name, value)| (name, name, value)).collect()
    }

    fn method(&self, name: &str) -> Option<Signature> {
        if !self.pointer {
            return None;
        }
        Some(match name {
            "Hello" => Signature::new([Type::String], Type::String),
            "Bare" => Signature::new([], Type::String),
            "Sum" => Signature::variadic([Type::Int(IntType::Int)], Type::Int(IntType::Int)),
            "Fail" => Signature::new([Type::String], Type::String),
            "Table" => Signature::new([], Type::map()),
            "Nothing" => Signature::new([], Type::Any),
            "Echo" => Signature::new([Type::Any], Type::Any),
            _ => return None,
        })
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Result<Value, CallError> {
        let first = || arguments.first().cloned().unwrap_or_default();
        Ok(match name {
            "Hello" => format!("hello {} from {}", display(&first()), self.name).into(),
            "Bare" => "bare".into(),
            "Sum" => Value::int(self.count + arguments.iter().map(number).sum::<i64>()),
            "Fail" => return Err(CallError::new(display(&first()).to_string())),
            "Table" => Value::map([("k", Value::from("v")), ("n", Value::Nil)]),
            "Echo" => first(),
            _ => Value::Nil,
        })
    }

    fn equals(&self, other: &dyn Object) -> bool {
        std::ptr::addr_eq(self, other)
    }

    fn is_comparable(&self) -> bool {
        self.pointer
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A struct that prints itself.
#[derive(Debug, PartialEq)]
struct Version {
    major: &'static str,
    minor: &'static str,
}

impl Object for Version {
    fn type_name(&self) -> &'static str {
        "main.Version"
    }

    fn kind(&self) -> Kind {
        Kind::Struct
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Major" => Some(self.major.into()),
            "Minor" => Some(self.minor.into()),
            _ => None,
        }
    }

    fn fields(&self) -> Vec<(&'static str, &'static str, Value)> {
        vec![("Major", "major", self.major.into()), ("Minor", "minor", self.minor.into())]
    }

    fn method(&self, name: &str) -> Option<Signature> {
        (name == "String").then(|| Signature::new([], Type::String))
    }

    fn call(&self, _: &str, _: &[Value]) -> Result<Value, CallError> {
        Ok(self.string().unwrap_or_default().into())
    }

    fn string(&self) -> Option<Text> {
        Some(format!("v{}.{}", self.major, self.minor).into())
    }

    fn equals(&self, other: &dyn Object) -> bool {
        other.as_any().downcast_ref() == Some(self)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A slice type with a method.
#[derive(Debug)]
struct Names(List);

impl Object for Names {
    fn type_name(&self) -> &'static str {
        "main.Names"
    }

    fn kind(&self) -> Kind {
        Kind::Slice
    }

    fn underlying(&self) -> Option<Value> {
        Some(Value::List(self.0.clone()))
    }

    fn method(&self, name: &str) -> Option<Signature> {
        (name == "Has").then(|| Signature::new([Type::String], Type::Bool))
    }

    fn call(&self, _: &str, arguments: &[Value]) -> Result<Value, CallError> {
        let wanted = arguments.first().map(display);
        Ok(self.0.items().iter().any(|item| Some(display(item)) == wanted).into())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn number(value: &Value) -> i64 {
    match value {
        Value::Int(_, number) => *number,
        _ => 0,
    }
}

fn length(value: &Value) -> Value {
    let length = match value {
        Value::List(list) => list.len(),
        Value::Map(map) => map.len(),
        _ => 0,
    };
    Value::int(i64::try_from(length).unwrap_or_default())
}

pub(crate) fn data() -> Value {
    let child = |name: &'static str, number| Value::map([("name", name.into()), ("v", Value::int(number))]);
    let ints = [3, 1, 2].map(Value::int).to_vec();
    let deep = Value::map([("c", Value::from("deep")), ("n", Value::Nil)]);
    Value::map([
        ("s", "text".into()),
        ("e", "".into()),
        ("n", Value::Nil),
        ("t", true.into()),
        ("f", false.into()),
        ("i", Value::int(5)),
        ("zero", Value::int(0)),
        ("i64", Value::int64(7)),
        ("u", Value::Int(IntType::Uint, 3)),
        ("u8", Value::Int(IntType::Uint8, 200)),
        ("big", Value::Uint64(u64::MAX)),
        ("m1", Value::int(-1)),
        ("fl", 1.5.into()),
        ("whole", 3.0.into()),
        ("fz", 0.0.into()),
        ("large", 12_345_678.0.into()),
        ("list", Value::list(vec![Value::int(1), "b".into(), Value::Nil, 2.5.into()])),
        ("empty", Value::list(Vec::new())),
        ("strs", List::strings(["x", "y", "z"]).into()),
        ("ints", List::of(Type::Int(IntType::Int), ints).into()),
        ("bytes", Value::Bytes("hi".into())),
        ("nillist", List::nil(Type::Any).into()),
        ("map", Value::map([("a", Value::int(1)), ("b", deep), ("z", "last".into())])),
        ("emptymap", Value::map::<&str>([])),
        ("nilmap", Map::nil(Type::Any).into()),
        ("smap", Map::of(Type::String, [(Text::from("k"), Value::from("v"))].into()).into()),
        ("nested", Value::map([("l", Value::list(vec![child("one", 1), child("two", 2)]))])),
        ("html", "<a href='x'>&\"=\\\0</a>".into()),
        ("uni", "héllo ☃ 😀".into()),
        ("raw", Text::from(&b"a\xff\xc3("[..]).into()),
        ("obj", thing(true, "Thing", 3, List::strings(["p", "q"]), Value::Nil)),
        ("val", thing(false, "Val", 1, List::nil(Type::String), Value::int(7))),
        ("ver", Value::Object(Rc::new(Version { major: "1", minor: "30" }))),
        ("names", Value::Object(Rc::new(Names(List::strings(["a", "b"]))))),
        ("dict", dict()),
    ])
}

fn thing(pointer: bool, name: &'static str, count: i64, tags: List, any: Value) -> Value {
    Value::Object(Rc::new(Thing { pointer, name, count, tags, any }))
}

fn dict() -> Value {
    let entries = [(Text::from("x"), Value::int(1)), (Text::from("y"), Value::Nil)];
    Value::Map(Map::named(&"main.Dict", Type::Any, entries.into()))
}

/// Methods of maps with a name.
pub(crate) fn methods() -> [(&'static str, Function); 1] {
    let signature = Signature::new([Type::Named("main.Dict")], Type::Int(IntType::Int));
    let body = Body::Pure(|arguments| Ok(length(&arguments[0])));
    [("main.Dict", Function { name: "Keys", signature, body })]
}

fn pure(
    name: &'static str,
    parameters: impl Into<Vec<Type>>,
    result: Type,
    body: fn(&[Value]) -> Result<Value, CallError>,
) -> Function {
    Function { name, signature: Signature::new(parameters, result), body: Body::Pure(body) }
}

fn variadic(
    name: &'static str,
    parameters: impl Into<Vec<Type>>,
    result: Type,
    body: fn(&[Value]) -> Result<Value, CallError>,
) -> Function {
    Function { name, signature: Signature::variadic(parameters, result), body: Body::Pure(body) }
}

pub(crate) fn functions() -> Vec<Function> {
    let int = || Type::Int(IntType::Int);
    let include = |exec: &mut Exec<'_>, arguments: &[Value]| {
        let [Value::String(name), data] = arguments else { return Err(CallError::new("arguments")) };
        Ok(Value::String(exec.execute(name, data.clone())?.into()))
    };
    vec![
        pure("str", [Type::String], Type::String, |a| {
            Ok(Text::from([b"<", &display(&a[0])[..], b">"].concat()).into())
        }),
        pure("num", [int()], int(), |a| Ok(Value::int(number(&a[0]) + 1))),
        pure("num64", [Type::Int(IntType::Int64)], Type::Int(IntType::Int64), |a| {
            Ok(Value::int64(number(&a[0]) + 1))
        }),
        pure("uns", [Type::Int(IntType::Uint8)], Type::Int(IntType::Uint8), |a| Ok(a[0].clone())),
        pure("flt", [Type::Float], Type::Float, |a| match a[0] {
            Value::Float(number) => Ok((number * 2.0).into()),
            _ => Err(CallError::new("no float")),
        }),
        pure("yes", [Type::Bool], Type::Bool, |a| Ok((!chartroom_gotemplate::truth(&a[0])).into())),
        pure("any", [Type::Any], Type::Any, |a| Ok(a[0].clone())),
        pure("lst", [Type::list()], int(), |a| Ok(length(&a[0]))),
        pure("strl", [Type::strings()], int(), |a| Ok(length(&a[0]))),
        pure("mp", [Type::map()], int(), |a| Ok(length(&a[0]))),
        pure("smp", [Type::string_map()], int(), |a| Ok(length(&a[0]))),
        pure("byt", [Type::bytes()], Type::String, |a| match &a[0] {
            Value::Bytes(bytes) => Ok(bytes.clone().into()),
            _ => Err(CallError::new("no bytes")),
        }),
        variadic("list", [Type::Any], Type::list(), |a| Ok(Value::list(a.to_vec()))),
        variadic("dict", [Type::Any], Type::map(), |a| {
            let pairs = a.chunks_exact(2).map(|pair| (display(&pair[0]), pair[1].clone()));
            Ok(Value::map(pairs))
        }),
        pure("set", [Type::map(), Type::String, Type::Any], Type::map(), |a| {
            if let (Value::Map(map), Value::String(key)) = (&a[0], &a[1]) {
                map.insert(key.clone(), a[2].clone());
            }
            Ok(a[0].clone())
        }),
        pure("two", [Type::String, int()], Type::String, |a| Ok(Text::from(sprint(a)).into())),
        variadic("opt", [Type::String, int()], Type::String, |a| {
            let rest = List::of(Type::Int(IntType::Int), a[1..].to_vec());
            Ok(Text::from(sprint(&[a[0].clone(), rest.into()])).into())
        }),
        pure("fail", [Type::String], Type::String, |a| Err(CallError::new(display(&a[0]).to_string()))),
        pure("panics", [], Type::String, |_| Err(CallError::new("oh no"))),
        pure("none", [], Type::String, |_| Ok("none".into())),
        pure("nilany", [], Type::Any, |_| Ok(Value::Nil)),
        pure("nilmapf", [], Type::map(), |_| Ok(Map::nil(Type::Any).into())),
        pure("typeOf", [Type::Any], Type::String, |a| {
            Ok(a[0].type_of().map_or_else(|| "<nil>".to_owned(), |of| of.to_string()).into())
        }),
        Function {
            name: "include",
            signature: Signature::new([Type::String, Type::Any], Type::String),
            body: Body::Executor(Rc::new(include)),
        },
    ]
}
