//! What a certificate stands for besides its common name: addresses and names of hosts.

use std::net::IpAddr;

use chartroom_gotemplate::Value;

use super::super::der::{tag, write};
use crate::crypto::der::read::Problem;

#[derive(Default)]
pub(super) struct Names {
    addresses: Vec<IpAddr>,
    hosts: Vec<Vec<u8>>,
}

impl Names {
    /// Reads two lists, either of which may be nil.
    pub(super) fn read(addresses: Option<&Value>, hosts: Option<&Value>) -> Result<Self, Problem> {
        let items = |value: Option<&Value>| {
            value.and_then(Value::as_list).map(|list| list.items().to_vec()).unwrap_or_default()
        };
        let mut names = Self::default();
        for item in items(addresses) {
            let Value::String(text) = &item else {
                return Err(format!(
                    "error parsing ip: {} is not a string",
                    chartroom_gotemplate::format::display(&item)
                ));
            };
            let address = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
            names.addresses.push(address.ok_or_else(|| format!("error parsing ip: {text}"))?);
        }
        for item in items(hosts) {
            let Value::String(text) = &item else {
                return Err(format!(
                    "error processing alternate dns name: {} is not a string",
                    chartroom_gotemplate::format::display(&item)
                ));
            };
            names.hosts.push(text.as_bytes().to_vec());
        }
        Ok(names)
    }

    /// The value of the extension; `None` where there are no names.
    pub(super) fn extension(&self) -> Result<Option<Vec<u8>>, Problem> {
        if self.addresses.is_empty() && self.hosts.is_empty() {
            return Ok(None);
        }
        let mut elements = Vec::new();
        for host in &self.hosts {
            if !host.is_ascii() {
                return Err(format!(
                    "x509: {} cannot be encoded as an IA5String",
                    String::from_utf8_lossy(&chartroom_gotemplate::quote::quote(host))
                ));
            }
            elements.push(write::element(tag::context(2), &[host]));
        }
        for address in &self.addresses {
            elements.push(match address.to_canonical() {
                IpAddr::V4(address) => write::element(tag::context(7), &[&address.octets()]),
                IpAddr::V6(address) => write::element(tag::context(7), &[&address.octets()]),
            });
        }
        Ok(Some(write::sequence(&elements.iter().map(Vec::as_slice).collect::<Vec<_>>())))
    }
}
