//! Times and their relatives as templates see them: types, methods, texts.

use std::any::Any;
use std::cmp::Ordering;
use std::rc::Rc;

use chartroom_gotemplate::{CallError, IntType, Kind, Object, Signature, Text, Type, Value};

use super::civil::{MONTHS, WEEKDAYS};
use super::duration::{self, HOUR, MICROSECOND, MILLISECOND, MINUTE, SECOND};
use super::time::Time;
use super::zone::Zone;

/// A `time.Duration`: a number of nanoseconds with methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duration(pub i64);

/// A `time.Month`, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month(pub i64);

/// A `time.Weekday`: 0 is Sunday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weekday(pub i64);

/// A `*time.Location`.
#[derive(Clone, Debug)]
pub(super) struct Location(Zone);

impl Time {
    /// `%T`.
    pub const TYPE_NAME: &'static str = "time.Time";
}

impl Duration {
    /// `%T`.
    pub const TYPE_NAME: &'static str = "time.Duration";
}

const LOCATION: &str = "*time.Location";

/// Makes values of what templates may hold.
macro_rules! into_value {
    ($($name:ident),*) => {$(
        impl From<$name> for Value {
            fn from(object: $name) -> Self {
                Self::Object(Rc::new(object))
            }
        }
    )*};
}

into_value!(Time, Duration, Month, Weekday, Location);

/// An object of a type, if a value is one.
pub(super) fn object<T: 'static>(value: Option<&Value>) -> Option<&T> {
    match value {
        Some(Value::Object(object)) => object.as_any().downcast_ref(),
        _ => None,
    }
}

/// A duration, also where a constant stands for one.
fn span(arguments: &[Value]) -> i64 {
    match arguments.first() {
        Some(Value::Int(_, number)) => *number,
        value => object::<Duration>(value).map_or(0, |duration| duration.0),
    }
}

fn number(arguments: &[Value], index: usize) -> i64 {
    match arguments.get(index) {
        Some(Value::Int(_, number)) => *number,
        _ => 0,
    }
}

fn no_method(name: &str) -> CallError {
    CallError::new(format!("no method {name}"))
}

impl Object for Time {
    fn type_name(&self) -> &'static str {
        Self::TYPE_NAME
    }

    fn kind(&self) -> Kind {
        Kind::Struct
    }

    fn hides(&self, name: &str) -> bool {
        matches!(name, "wall" | "ext" | "loc")
    }

    fn method(&self, name: &str) -> Option<Signature> {
        let time = || Type::Named(Self::TYPE_NAME);
        let duration = || Type::Named(Duration::TYPE_NAME);
        let span = || Type::NamedInt(Duration::TYPE_NAME);
        let int = || Type::Int(IntType::Int);
        match name {
            "Clock" => return Some(Signature::several(&["int", "int", "int"])),
            "Date" => return Some(Signature::several(&["int", "time.Month", "int"])),
            "ISOWeek" => return Some(Signature::several(&["int", "int"])),
            "Zone" => return Some(Signature::several(&["string", "int"])),
            "ZoneBounds" => return Some(Signature::several(&[Self::TYPE_NAME, Self::TYPE_NAME])),
            _ => {}
        }
        let (parameters, result) = match name {
            "Add" | "Round" | "Truncate" => (vec![span()], time()),
            "AddDate" => (vec![int(), int(), int()], time()),
            "After" | "Before" | "Equal" => (vec![time()], Type::Bool),
            "AppendBinary" | "AppendText" => (vec![Type::bytes()], Type::bytes()),
            "AppendFormat" => (vec![Type::bytes(), Type::String], Type::bytes()),
            "Compare" => (vec![time()], int()),
            "Day" | "Hour" | "Minute" | "Nanosecond" | "Second" | "Year" | "YearDay" => (vec![], int()),
            "Format" => (vec![Type::String], Type::String),
            "In" => (vec![Type::Named(LOCATION)], time()),
            "IsDST" | "IsZero" => (vec![], Type::Bool),
            "Local" | "UTC" => (vec![], time()),
            "Location" => (vec![], Type::Named(LOCATION)),
            "GobEncode" | "MarshalBinary" | "MarshalJSON" | "MarshalText" => (vec![], Type::bytes()),
            "Month" => (vec![], Type::Named("time.Month")),
            "GoString" | "String" => (vec![], Type::String),
            "Sub" => (vec![time()], duration()),
            "Unix" | "UnixMicro" | "UnixMilli" | "UnixNano" => (vec![], Type::Int(IntType::Int64)),
            "Weekday" => (vec![], Type::Named("time.Weekday")),
            _ => return None,
        };
        Some(Signature::new(parameters, result))
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Result<Value, CallError> {
        let other = || object::<Self>(arguments.first()).cloned().unwrap_or_else(Self::zero);
        let int = |number: i64| Value::int(number);
        let before = || match arguments.first() {
            Some(Value::Bytes(bytes)) => bytes.as_bytes().to_vec(),
            _ => Vec::new(),
        };
        let civil = self.civil();
        Ok(match name {
            "Add" => self.add(span(arguments)).into(),
            "Round" => self.round(span(arguments)).into(),
            "Truncate" => self.truncate(span(arguments)).into(),
            "AddDate" => {
                self.add_date(number(arguments, 0), number(arguments, 1), number(arguments, 2)).into()
            }
            "After" => (self.compare(&other()) == Ordering::Greater).into(),
            "Before" => (self.compare(&other()) == Ordering::Less).into(),
            "Equal" => (self.compare(&other()) == Ordering::Equal).into(),
            "AppendBinary" => Value::Bytes([before(), self.binary()?].concat().into()),
            "AppendText" => Value::Bytes([before(), self.checked_rfc3339(name)?].concat().into()),
            "GobEncode" | "MarshalBinary" => Value::Bytes(self.binary()?.into()),
            "AppendFormat" => {
                let layout = arguments.get(1).and_then(Value::as_text).cloned().unwrap_or_default();
                Value::Bytes([before(), self.format(&layout)].concat().into())
            }
            "Compare" => int(match self.compare(&other()) {
                Ordering::Less => -1,
                Ordering::Equal => 0,
                Ordering::Greater => 1,
            }),
            "Day" => int(civil.day.into()),
            "Hour" => int(civil.hour.into()),
            "Minute" => int(civil.minute.into()),
            "Nanosecond" => int(self.nanosecond().into()),
            "Second" => int(civil.second.into()),
            "Year" => int(civil.year),
            "YearDay" => int(civil.day_of_year.into()),
            "Format" => {
                let layout = arguments.first().and_then(Value::as_text).cloned().unwrap_or_default();
                Value::String(self.format(&layout).into())
            }
            "In" => match object::<Location>(arguments.first()) {
                Some(location) => self.in_zone(location.0.clone()).into(),
                None => return Err(CallError::new("time: missing Location in call to Time.In")),
            },
            "IsDST" => self.zone().at(self.unix()).is_daylight_saving.into(),
            "IsZero" => self.is_zero().into(),
            "Local" => self.in_zone(Zone::local()).into(),
            "UTC" => self.in_zone(Zone::Utc).into(),
            "Location" => Location(self.zone().clone()).into(),
            "MarshalJSON" => Value::Bytes([&b"\""[..], &self.checked_rfc3339(name)?, b"\""].concat().into()),
            "MarshalText" => Value::Bytes(self.checked_rfc3339(name)?.into()),
            "Month" => Month(civil.month.into()).into(),
            "GoString" => self.go_string().into(),
            "String" => Value::String(self.display().into()),
            "Sub" => Duration(self.since(&other())).into(),
            "Unix" => Value::int64(self.unix()),
            "UnixMicro" => Value::int64(self.unix_in(MICROSECOND)),
            "UnixMilli" => Value::int64(self.unix_in(MILLISECOND)),
            "UnixNano" => Value::int64(self.unix_in(1)),
            "Weekday" => Weekday(civil.weekday.into()).into(),
            _ => return Err(no_method(name)),
        })
    }

    fn string(&self) -> Option<Text> {
        Some(self.display().into())
    }

    fn marshal(&self) -> Option<Value> {
        Some(Value::String(self.rfc3339().into()))
    }

    fn equals(&self, other: &dyn Object) -> bool {
        other.as_any().downcast_ref().is_some_and(|other| self.is_same(other))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Time {
    /// RFC 3339, if that can say it.
    fn checked_rfc3339(&self, method: &str) -> Result<Vec<u8>, CallError> {
        let text = self.rfc3339();
        if text.get(4) != Some(&b'-') {
            return Err(CallError::new(format!("Time.{method}: year outside of range [0,9999]")));
        }
        if self.zone().at(self.unix()).seconds.abs() >= 24 * 3600 {
            return Err(CallError::new(format!("Time.{method}: timezone hour outside of range [0,23]")));
        }
        Ok(text)
    }

    /// As Go's `encoding/gob` stores it.
    fn binary(&self) -> Result<Vec<u8>, CallError> {
        let (mut version, mut minutes, mut second) = (1_u8, -1_i16, None);
        if !matches!(self.zone(), Zone::Utc) {
            let offset = self.zone().at(self.unix()).seconds;
            if offset % 60 != 0 {
                version = 2;
                second = i8::try_from(offset % 60).ok();
            }
            minutes = i16::try_from(offset / 60)
                .ok()
                .filter(|minutes| *minutes != -1)
                .ok_or_else(|| CallError::new("Time.MarshalBinary: unexpected zone offset"))?;
        }
        let mut bytes = vec![version];
        bytes.extend(self.since_year_one().to_be_bytes());
        bytes.extend(self.nanosecond().to_be_bytes());
        bytes.extend(minutes.to_be_bytes());
        bytes.extend(second.map(i8::cast_unsigned));
        Ok(bytes)
    }

    fn go_string(&self) -> String {
        let civil = self.civil();
        let month = MONTHS[usize::from(civil.month.saturating_sub(1)) % 12];
        let zone = match self.zone() {
            Zone::Utc => "time.UTC".to_owned(),
            zone if zone.is_local() => "time.Local".to_owned(),
            zone => format!("time.Location({})", super::quoted::quoted(zone.name().as_bytes())),
        };
        format!(
            "time.Date({}, time.{month}, {}, {}, {}, {}, {}, {zone})",
            civil.year,
            civil.day,
            civil.hour,
            civil.minute,
            civil.second,
            self.nanosecond()
        )
    }
}

impl Object for Duration {
    fn type_name(&self) -> &'static str {
        Self::TYPE_NAME
    }

    fn kind(&self) -> Kind {
        Kind::Int
    }

    fn underlying(&self) -> Option<Value> {
        Some(Value::int64(self.0))
    }

    fn method(&self, name: &str) -> Option<Signature> {
        let duration = || Type::Named(Self::TYPE_NAME);
        let (parameters, result) = match name {
            "Abs" => (vec![], duration()),
            "Hours" | "Minutes" | "Seconds" => (vec![], Type::Float),
            "Milliseconds" | "Microseconds" | "Nanoseconds" => (vec![], Type::Int(IntType::Int64)),
            "Round" | "Truncate" => (vec![Type::NamedInt(Self::TYPE_NAME)], duration()),
            "String" => (vec![], Type::String),
            _ => return None,
        };
        Some(Signature::new(parameters, result))
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Result<Value, CallError> {
        Ok(match name {
            "Abs" => Self(self.0.saturating_abs()).into(),
            "Hours" => duration::as_float(self.0, HOUR).into(),
            "Minutes" => duration::as_float(self.0, MINUTE).into(),
            "Seconds" => duration::as_float(self.0, SECOND).into(),
            "Milliseconds" => Value::int64(self.0 / MILLISECOND),
            "Microseconds" => Value::int64(self.0 / MICROSECOND),
            "Nanoseconds" => Value::int64(self.0),
            "Round" => Self(duration::round(self.0, span(arguments))).into(),
            "Truncate" => Self(duration::truncate(self.0, span(arguments))).into(),
            "String" => duration::format(self.0).into(),
            _ => return Err(no_method(name)),
        })
    }

    fn string(&self) -> Option<Text> {
        Some(duration::format(self.0).into())
    }

    fn equals(&self, other: &dyn Object) -> bool {
        other.as_any().downcast_ref::<Self>() == Some(self)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Duration {
    /// Reads what Go's `time.ParseDuration` reads.
    ///
    /// # Errors
    ///
    /// Go's text for what is wrong.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        duration::parse(text).map(Self)
    }

    /// As a number of seconds.
    pub fn seconds(self) -> f64 {
        duration::as_float(self.0, SECOND)
    }

    /// As a number of minutes.
    pub fn minutes(self) -> f64 {
        duration::as_float(self.0, MINUTE)
    }

    /// As a number of hours.
    pub fn hours(self) -> f64 {
        duration::as_float(self.0, HOUR)
    }

    /// The nearest multiple of a duration, halves away from zero; itself if that isn't positive.
    #[must_use]
    pub fn round(self, multiple: Self) -> Self {
        Self(duration::round(self.0, multiple.0))
    }

    /// The multiple of a duration that is next towards zero; itself if that isn't positive.
    #[must_use]
    pub fn truncate(self, multiple: Self) -> Self {
        Self(duration::truncate(self.0, multiple.0))
    }
}

/// A number that has a name: months and weekdays.
macro_rules! named_number {
    ($type:ident, $go:literal, $text:expr) => {
        impl Object for $type {
            fn type_name(&self) -> &'static str {
                $go
            }

            fn kind(&self) -> Kind {
                Kind::Int
            }

            fn underlying(&self) -> Option<Value> {
                Some(Value::int(self.0))
            }

            fn method(&self, name: &str) -> Option<Signature> {
                if name == "String" { Some(Signature::new([], Type::String)) } else { None }
            }

            fn call(&self, name: &str, _arguments: &[Value]) -> Result<Value, CallError> {
                self.string().filter(|_| name == "String").map(Value::String).ok_or_else(|| no_method(name))
            }

            fn string(&self) -> Option<Text> {
                let text: fn(i64) -> &'static str = $text;
                Some(text(self.0).into())
            }

            fn equals(&self, other: &dyn Object) -> bool {
                other.as_any().downcast_ref::<Self>() == Some(self)
            }

            fn as_any(&self) -> &dyn Any {
                self
            }
        }
    };
}

named_number!(Month, "time.Month", |number| {
    usize::try_from(number - 1).ok().and_then(|index| MONTHS.get(index)).copied().unwrap_or_default()
});
named_number!(Weekday, "time.Weekday", |number| {
    usize::try_from(number).ok().and_then(|index| WEEKDAYS.get(index)).copied().unwrap_or_default()
});

impl Object for Location {
    fn type_name(&self) -> &'static str {
        LOCATION
    }

    fn kind(&self) -> Kind {
        Kind::Pointer
    }

    fn hides(&self, name: &str) -> bool {
        let hidden = ["name", "zone", "tx", "extend", "cacheStart", "cacheEnd", "cacheZone"];
        hidden.contains(&name)
    }

    fn method(&self, name: &str) -> Option<Signature> {
        if name == "String" { Some(Signature::new([], Type::String)) } else { None }
    }

    fn call(&self, name: &str, _arguments: &[Value]) -> Result<Value, CallError> {
        if name == "String" { Ok(self.0.name().into()) } else { Err(no_method(name)) }
    }

    fn string(&self) -> Option<Text> {
        Some(self.0.name().into())
    }

    fn equals(&self, other: &dyn Object) -> bool {
        other.as_any().downcast_ref::<Self>().is_some_and(|other| self.0.is_same(&other.0))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
