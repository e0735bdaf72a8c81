//! Dates and durations: the table of Sprig's functions, and what they do.

pub(crate) mod civil;
mod duration;
mod format;
mod layout;
mod objects;
mod parse;
mod quoted;
mod time;
mod zone;

use chartroom_gotemplate::{CallError, Function, IntType, Type, Value};

use self::duration::SECOND;
use self::objects::object;
pub use self::objects::{Duration, Month, Weekday};
pub use self::time::Time;
use self::zone::Zone;
use crate::arguments::text;
use crate::declare::fixed;

type Answer = Result<Value, CallError>;

const TEXT: Type = Type::String;
const TIME: Type = Type::Named(Time::TYPE_NAME);

pub(crate) fn functions() -> Vec<Function> {
    vec![
        fixed("ago", [Type::Any], TEXT, ago),
        fixed("date", [TEXT, Type::Any], TEXT, date),
        fixed("dateInZone", [TEXT, Type::Any, TEXT], TEXT, date_in_zone),
        fixed("date_in_zone", [TEXT, Type::Any, TEXT], TEXT, date_in_zone),
        fixed("dateModify", [TEXT, TIME], TIME, date_modify),
        fixed("date_modify", [TEXT, TIME], TIME, date_modify),
        fixed("mustDateModify", [TEXT, TIME], TIME, must_date_modify),
        fixed("must_date_modify", [TEXT, TIME], TIME, must_date_modify),
        fixed("duration", [Type::Any], TEXT, duration),
        fixed("durationRound", [Type::Any], TEXT, duration_round),
        fixed("htmlDate", [Type::Any], TEXT, html_date),
        fixed("htmlDateInZone", [Type::Any, TEXT], TEXT, html_date_in_zone),
        fixed("now", [], TIME, now),
        fixed("toDate", [TEXT, TEXT], TIME, to_date),
        fixed("mustToDate", [TEXT, TEXT], TIME, must_to_date),
        fixed("unixEpoch", [TIME], TEXT, unix_epoch),
    ]
}

const HTML: &[u8] = b"2006-01-02";

fn now(_arguments: &[Value]) -> Answer {
    Ok(Time::now().into())
}

fn date(arguments: &[Value]) -> Answer {
    Ok(shown(text(arguments, 0), arguments.get(1), &Zone::local()))
}

fn date_in_zone(arguments: &[Value]) -> Answer {
    Ok(shown(text(arguments, 0), arguments.get(1), &zone(text(arguments, 2))))
}

fn html_date(arguments: &[Value]) -> Answer {
    Ok(shown(HTML, arguments.first(), &Zone::local()))
}

fn html_date_in_zone(arguments: &[Value]) -> Answer {
    Ok(shown(HTML, arguments.first(), &zone(text(arguments, 1))))
}

/// An unknown zone is UTC.
fn zone(name: &[u8]) -> Zone {
    Zone::load(name).unwrap_or(Zone::Utc)
}

fn shown(layout: &[u8], value: Option<&Value>, zone: &Zone) -> Value {
    let time = match value {
        Some(Value::Int(IntType::Int | IntType::Int32 | IntType::Int64, unix)) => {
            Time::new(*unix, 0, Zone::local())
        }
        // Everything else, numbers of values files too, is no time, and so it is now.
        value => object::<Time>(value).cloned().unwrap_or_else(Time::now),
    };
    Value::String(time.in_zone(zone.clone()).format(layout).into())
}

fn ago(arguments: &[Value]) -> Answer {
    let time = match arguments.first() {
        Some(Value::Int(IntType::Int | IntType::Int64, unix)) => Time::new(*unix, 0, Zone::local()),
        value => object::<Time>(value).cloned().unwrap_or_else(Time::now),
    };
    Ok(duration::format(duration::round(Time::now().since(&time), SECOND)).into())
}

fn date_modify(arguments: &[Value]) -> Answer {
    let time = object::<Time>(arguments.get(1)).cloned().unwrap_or_else(Time::zero);
    Ok(match duration::parse(text(arguments, 0)) {
        Ok(span) => time.add(span).into(),
        Err(_) => time.into(),
    })
}

fn must_date_modify(arguments: &[Value]) -> Answer {
    duration::parse(text(arguments, 0)).map_err(CallError::new)?;
    date_modify(arguments)
}

fn to_date(arguments: &[Value]) -> Answer {
    Ok(must_to_date(arguments).unwrap_or_else(|_| Time::zero().into()))
}

fn must_to_date(arguments: &[Value]) -> Answer {
    let parsed = parse::parse(text(arguments, 0), text(arguments, 1), &Zone::local());
    parsed.map(Value::from).map_err(CallError::new)
}

fn unix_epoch(arguments: &[Value]) -> Answer {
    let time = object::<Time>(arguments.first()).cloned().unwrap_or_else(Time::zero);
    Ok(time.unix().to_string().into())
}

/// Seconds as a duration: an `int64`, or a text that is an integer. All else is nothing.
fn duration(arguments: &[Value]) -> Answer {
    let seconds = match arguments.first() {
        Some(Value::Int(IntType::Int64, seconds)) => *seconds,
        Some(Value::String(text)) => integer(text),
        _ => 0,
    };
    Ok(duration::format(seconds.wrapping_mul(SECOND)).into())
}

/// A decimal integer; the nearest there is if it is too large, and 0 if it is none.
fn integer(text: &[u8]) -> i64 {
    let Ok(text) = std::str::from_utf8(text) else { return 0 };
    match text.parse::<i64>() {
        Ok(number) => number,
        Err(error) => match error.kind() {
            std::num::IntErrorKind::PosOverflow => i64::MAX,
            std::num::IntErrorKind::NegOverflow => i64::MIN,
            _ => 0,
        },
    }
}

/// How long something is in its largest unit, rounded down: `2h`, `3d`, `1y`.
fn duration_round(arguments: &[Value]) -> Answer {
    let span = match arguments.first() {
        Some(Value::Int(IntType::Int64, nanoseconds)) => *nanoseconds,
        Some(Value::String(text)) => duration::parse(text).unwrap_or_default(),
        value => object::<Time>(value).map_or(0, |time| Time::now().since(time)),
    };
    let span = span.unsigned_abs();
    const DAY: i64 = 24 * duration::HOUR;
    let units = [
        (365 * DAY, "y"),
        (30 * DAY, "mo"),
        (DAY, "d"),
        (duration::HOUR, "h"),
        (duration::MINUTE, "m"),
        (SECOND, "s"),
    ];
    let largest = units.into_iter().map(|(unit, name)| (unit.unsigned_abs(), name));
    // An hour is told as 60 minutes; it takes more to be told as one.
    Ok(match largest.into_iter().find(|(unit, _)| span > *unit) {
        Some((unit, name)) => format!("{}{name}", span / unit).into(),
        None => "0s".into(),
    })
}
