//! A certificate with its key, as templates see it.

use std::any::Any;

use chartroom_gotemplate::{Kind, Object, Text, Value};

/// Both in PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Certificate {
    pub(crate) cert: Text,
    pub(crate) key: Text,
}

impl Certificate {
    pub(crate) const TYPE_NAME: &'static str = "sprig.certificate";
}

impl Object for Certificate {
    fn type_name(&self) -> &'static str {
        Self::TYPE_NAME
    }

    fn kind(&self) -> Kind {
        Kind::Struct
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Cert" => Some(Value::String(self.cert.clone())),
            "Key" => Some(Value::String(self.key.clone())),
            _ => None,
        }
    }

    fn fields(&self) -> Vec<(&'static str, &'static str, Value)> {
        vec![
            ("Cert", "Cert", Value::String(self.cert.clone())),
            ("Key", "Key", Value::String(self.key.clone())),
        ]
    }

    fn equals(&self, other: &dyn Object) -> bool {
        other.as_any().downcast_ref::<Self>() == Some(self)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
