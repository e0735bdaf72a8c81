//! Whatever fits a function's signature, it must answer or fail, never panic.

use chartroom_gotemplate::{Body, Function, IntType, List, Map, Type, Value};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::ours::functions;

fn texts() -> impl Strategy<Value = Value> {
    let bytes = prop::collection::vec(any::<u8>(), 0..12).prop_map(|bytes| Value::String(bytes.into()));
    let letters = "[a-cA-C01éßǅ日 \\n_./:@%#?*+(){}|\\[\\]\\\\^$<>=~!&,\"'-]{0,12}".prop_map(Value::from);
    let odd = prop::sample::select(vec![
        "",
        "0",
        "-1",
        "1.5",
        "0x1f",
        "1e400",
        "inf",
        "1.2.3-rc.1+b",
        "^1 || >2",
        "http://u:p@[::1]:80/p?q#f",
        "YQ==",
        "ME======",
        "{\"a\":[1,null]}",
        "(?P<n>a+)|[[:alpha:]]{2,}?",
        "\\pL\\Q.\\E",
        "${n}$1$$",
        "a/../b",
    ]);
    prop_oneof![bytes, letters, odd.prop_map(Value::from)]
}

fn numbers() -> impl Strategy<Value = i64> {
    prop_oneof![
        -3..12_i64,
        prop::sample::select(vec![i64::MIN, i64::MIN + 1, i64::MAX, i64::MAX - 1, 1 << 32])
    ]
}

fn floats() -> impl Strategy<Value = f64> {
    prop_oneof![any::<f64>(), -9.0..9.0, prop::sample::select(vec![0.0, -0.0, 1e308, 5e-324, 9.3e18])]
}

fn values() -> impl Strategy<Value = Value> {
    let plain = prop_oneof![
        Just(Value::Nil),
        any::<bool>().prop_map(Value::from),
        numbers().prop_map(Value::int),
        numbers().prop_map(Value::int64),
        any::<u64>().prop_map(|number| i64::try_from(number)
            .map_or(Value::Uint64(number), |number| { Value::Int(IntType::Uint64, number) })),
        floats().prop_map(Value::from),
        texts(),
        prop::collection::vec(any::<u8>(), 0..6).prop_map(|bytes| Value::Bytes(bytes.into())),
    ];
    plain.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::list),
            prop::collection::vec("[a-c]{0,2}", 0..5).prop_map(|texts| List::strings(texts).into()),
            Just(List::nil(Type::Any).into()),
            maps(inner).prop_map(Value::from),
        ]
    })
}

fn maps(values: impl Strategy<Value = Value> + 'static) -> impl Strategy<Value = Map> {
    let keys = prop::sample::select(vec!["a", "b", "c", "scheme", "host", "path", "userinfo", "opaque", ""]);
    let entries = prop::collection::vec((keys, values), 0..5);
    let some = entries
        .prop_map(|entries| Map::new(entries.into_iter().map(|(key, value)| (key.into(), value)).collect()));
    prop_oneof![
        8 => some,
        1 => Just(Map::nil(Type::Any)),
        1 => "[a-c]".prop_map(|key| Map::of(Type::String, [(key.into(), "x".into())].into())),
    ]
}

fn of_type(wanted: &Type) -> BoxedStrategy<Value> {
    match wanted {
        Type::String => texts().boxed(),
        Type::Bool => any::<bool>().prop_map(Value::from).boxed(),
        Type::Float => floats().prop_map(Value::from).boxed(),
        Type::Int(kind) => {
            let kind = *kind;
            numbers().prop_map(move |number| Value::Int(kind, number)).boxed()
        }
        Type::Map(_) => maps(values())
            .prop_filter("of this type", |map| *map.element() == Type::Any)
            .prop_map(Value::from)
            .boxed(),
        _ => values().boxed(),
    }
}

fn arguments(function: &Function) -> BoxedStrategy<Vec<Value>> {
    let signature = &function.signature;
    let mut strategies = signature.parameters.iter().map(of_type).collect::<Vec<_>>();
    let last = if signature.variadic { strategies.pop() } else { None };
    match last {
        Some(last) => {
            (strategies, prop::collection::vec(last, 0..4)).prop_map(|(first, rest)| [first, rest].concat())
        }
        None => return strategies.boxed(),
    }
    .boxed()
}

#[test]
fn nothing_panics() {
    for function in functions() {
        let Body::Pure(body) = function.body else { continue };
        let mut runner =
            TestRunner::new(Config { failure_persistence: None, cases: 200, ..Config::default() });
        let result = runner.run(&arguments(&function), |arguments| {
            if let Ok(value) = body(&arguments) {
                let wanted = &function.signature.result;
                let fits = *wanted == Type::Any || value.type_of().as_ref() == Some(wanted);
                prop_assert!(
                    fits,
                    "{} for {wanted}",
                    value.type_of().map_or("nil".to_owned(), |found| found.to_string())
                );
            }
            Ok(())
        });
        assert!(result.is_ok(), "{}: {}", function.name, result.unwrap_err());
    }
}
