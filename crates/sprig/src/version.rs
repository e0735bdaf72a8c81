//! Semantic versions, as the library of Masterminds has them.

use std::any::Any;
use std::rc::Rc;

use chartroom_chart::{Constraint, Version};
use chartroom_gotemplate::{CallError, Function, IntType, Kind, Object, Signature, Text, Type, Value};

use crate::arguments::{any, text};
use crate::declare::{INT, fixed, string};
use crate::reflection::nil_dereference;

/// The types of a version and of what it becomes.
const POINTER: &str = "*semver.Version";
const PLAIN: &str = "semver.Version";

pub(crate) fn functions() -> Vec<Function> {
    vec![
        fixed("semver", [Type::String], Type::Named(POINTER), |arguments| {
            Ok(Value::Object(Rc::new(VersionObject::parse(text(arguments, 0))?)))
        }),
        fixed("semverCompare", [Type::String, Type::String], Type::Bool, |arguments| {
            let constraint = readable(text(arguments, 0)).parse::<Constraint>().map_err(error)?;
            let version = Version::coerce(&readable(text(arguments, 1))).map_err(error)?;
            Ok(constraint.matches(&version).into())
        }),
    ]
}

/// No version has anything in it that is no UTF-8, so that it doesn't matter what becomes of that.
fn readable(text: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(text)
}

fn error(error: impl std::error::Error) -> CallError {
    CallError::new(error.to_string())
}

/// A version.
#[derive(Clone, Debug)]
pub(crate) struct VersionObject {
    type_name: &'static str,
    version: semver::Version,
    /// As it was written.
    original: String,
}

impl VersionObject {
    fn parse(text: &[u8]) -> Result<Self, CallError> {
        let text = readable(text);
        let version = Version::coerce(&text).map_err(error)?.to_string();
        let version = semver::Version::parse(&version).map_err(error)?;
        Ok(Self { type_name: POINTER, version, original: text.into_owned() })
    }

    /// The version without anything in it.
    pub(crate) fn zero(type_name: &'static str) -> Self {
        Self { type_name, version: semver::Version::new(0, 0, 0), original: String::new() }
    }

    /// Whether both are the same, as written too.
    pub(crate) fn deep_equal(&self, other: &Self) -> bool {
        self.version == other.version && self.original == other.original
    }

    /// A version that was made of this one.
    fn changed(&self, version: semver::Version) -> Value {
        let prefix = if self.original.starts_with('v') { "v" } else { "" };
        let original = format!("{prefix}{version}");
        Value::Object(Rc::new(Self { type_name: PLAIN, version, original }))
    }

    fn increased(&self, major: u64, minor: u64, patch: u64) -> Value {
        self.changed(semver::Version::new(major, minor, patch))
    }

    fn with_prerelease(&self, text: &[u8]) -> Result<Value, CallError> {
        let text = readable(text);
        let prerelease = semver::Prerelease::new(&text).map_err(|_| {
            let segments = text.split('.');
            let leading_zero = |segment: &str| {
                segment.len() > 1
                    && segment.starts_with('0')
                    && segment.bytes().all(|byte| byte.is_ascii_digit())
            };
            let valid = |segment: &str| {
                !segment.is_empty()
                    && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            };
            let first_wrong = segments.into_iter().find(|segment| leading_zero(segment) || !valid(segment));
            CallError::new(match first_wrong {
                Some(segment) if leading_zero(segment) => "version segment starts with 0",
                _ => "invalid prerelease string",
            })
        })?;
        let mut version = self.version.clone();
        version.pre = prerelease;
        Ok(self.changed(version))
    }

    fn with_metadata(&self, text: &[u8]) -> Result<Value, CallError> {
        let mut version = self.version.clone();
        version.build = semver::BuildMetadata::new(&readable(text))
            .map_err(|_| CallError::new("invalid metadata string"))?;
        Ok(self.changed(version))
    }

    fn next(&self, name: &str) -> Result<Value, CallError> {
        let semver::Version { major, minor, patch, .. } = self.version;
        let increase = |number: u64, part: &str| {
            number
                .checked_add(1)
                .ok_or_else(|| CallError::new(format!("{part} version increment would overflow uint64")))
        };
        Ok(match name {
            "IncMajor" => self.increased(increase(major, "major")?, 0, 0),
            "IncMinor" => self.increased(major, increase(minor, "minor")?, 0),
            _ if self.version.pre.is_empty() => self.increased(major, minor, increase(patch, "patch")?),
            // The release comes after its pre-releases.
            _ => self.increased(major, minor, patch),
        })
    }

    fn compare(&self, name: &str, other: &Value) -> Result<Value, CallError> {
        let Value::Object(other) = other else { return Err(nil_dereference()) };
        let Some(other) = other.as_any().downcast_ref::<Self>() else {
            return Err(nil_dereference());
        };
        let order = self.version.cmp_precedence(&other.version);
        Ok(match name {
            "Compare" => Value::int(order as i64),
            "LessThan" => order.is_lt().into(),
            "LessThanEqual" => order.is_le().into(),
            "GreaterThan" => order.is_gt().into(),
            "GreaterThanEqual" => order.is_ge().into(),
            _ => order.is_eq().into(),
        })
    }
}

fn unsigned(number: u64) -> Value {
    i64::try_from(number).map_or(Value::Uint64(number), |number| Value::Int(IntType::Uint64, number))
}

impl Object for VersionObject {
    fn type_name(&self) -> &'static str {
        self.type_name
    }

    fn kind(&self) -> Kind {
        if self.type_name == POINTER { Kind::Pointer } else { Kind::Struct }
    }

    fn hides(&self, name: &str) -> bool {
        matches!(name, "major" | "minor" | "patch" | "pre" | "metadata" | "original")
    }

    fn method(&self, name: &str) -> Option<Signature> {
        let pointer = self.type_name == POINTER;
        let plain = Type::Named(PLAIN);
        let (parameters, result) = match name {
            "Major" | "Minor" | "Patch" => (vec![], Type::Int(IntType::Uint64)),
            "Prerelease" | "Metadata" | "String" => (vec![], Type::String),
            "IncMajor" | "IncMinor" | "IncPatch" => (vec![], plain),
            "SetPrerelease" | "SetMetadata" => (vec![Type::String], plain),
            "MarshalJSON" | "MarshalText" => (vec![], Type::bytes()),
            "Value" => (vec![], Type::Named("driver.Value")),
            // These want a pointer, which the result of a method is not.
            "Original" if pointer => (vec![], Type::String),
            "Compare" if pointer => (vec![Type::Named(POINTER)], INT),
            "LessThan" | "LessThanEqual" | "GreaterThan" | "GreaterThanEqual" | "Equal" if pointer => {
                (vec![Type::Named(POINTER)], Type::Bool)
            }
            _ => return None,
        };
        Some(Signature::new(parameters, result))
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Result<Value, CallError> {
        match name {
            "Major" => Ok(unsigned(self.version.major)),
            "Minor" => Ok(unsigned(self.version.minor)),
            "Patch" => Ok(unsigned(self.version.patch)),
            "Prerelease" => string(self.version.pre.as_str()),
            "Metadata" => string(self.version.build.as_str()),
            "String" | "Value" => string(self.version.to_string()),
            "Original" => string(self.original.as_str()),
            "IncMajor" | "IncMinor" | "IncPatch" => self.next(name),
            "SetPrerelease" => self.with_prerelease(text(arguments, 0)),
            "SetMetadata" => self.with_metadata(text(arguments, 0)),
            "MarshalText" => Ok(Value::Bytes(self.version.to_string().into())),
            "MarshalJSON" => Ok(Value::Bytes(format!("\"{}\"", self.version).into())),
            _ => self.compare(name, any(arguments, 0)),
        }
    }

    fn string(&self) -> Option<Text> {
        Some(self.version.to_string().into())
    }

    fn marshal(&self) -> Option<Value> {
        Some(Value::String(self.version.to_string().into()))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn the_next_version_keeps_how_it_is_written() {
        let version = VersionObject::parse(b"v1.2.3-rc.1+b").unwrap();
        for (method, next) in [("IncMajor", "v2.0.0"), ("IncMinor", "v1.3.0"), ("IncPatch", "v1.2.3")] {
            let Value::Object(object) = version.call(method, &[]).unwrap() else { panic!("no object") };
            let next_version = object.as_any().downcast_ref::<VersionObject>().unwrap();
            assert_eq!(next_version.original, next);
            assert!(object.method("Original").is_none() && object.method("Major").is_some());
        }
    }

    #[test]
    fn versions_are_as_large_as_they_can_be() {
        let version = VersionObject::parse(b"18446744073709551615.0.0").unwrap();
        assert!(matches!(version.call("Major", &[]).unwrap(), Value::Uint64(u64::MAX)));
        assert!(version.call("IncMajor", &[]).is_err());
    }
}
