//! The server's parameters.

use std::collections::BTreeMap;

use super::ProtocolError;
use crate::wire::{WireStr, WireString};

/// How many bytes of names and values are kept. A server reports about fifteen parameters; only `search_path` and
/// `application_name` can be long, and only because a user made them so.
const LIMIT_BYTES: usize = 4 << 20;

/// What keeping a parameter takes besides its name and value, so that many short ones are not for nothing.
const ENTRY_BYTES: usize = 128;

/// The run-time parameters that the server reports, with their values as last told.
///
/// PostgreSQL manual: [Asynchronous Operations](https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-ASYNC).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters {
    values: BTreeMap<WireString, WireString>,
    bytes: usize,
}

impl Parameters {
    /// The value of the parameter called `name`, such as `server_version`.
    pub fn get(&self, name: &str) -> Option<WireStr<'_>> {
        self.values
            .get(&WireString::from(name))
            .map(WireString::as_wire_str)
    }

    /// All of them, ordered by name.
    pub fn iter(&self) -> impl Iterator<Item = (WireStr<'_>, WireStr<'_>)> {
        self.values
            .iter()
            .map(|(name, value)| (name.as_wire_str(), value.as_wire_str()))
    }

    pub(crate) fn set(&mut self, name: WireStr<'_>, value: WireStr<'_>) -> Result<(), ProtocolError> {
        let size = |value: &[u8]| ENTRY_BYTES + name.as_bytes().len() + value.len();
        let added = size(value.as_bytes());
        let old = self.values.insert(name.into(), value.into());
        let removed = old.map_or(0, |old| size(old.as_bytes()));
        self.bytes = (self.bytes + added).saturating_sub(removed);
        if self.bytes > LIMIT_BYTES {
            return Err(ProtocolError::TooManyParameters {
                bytes: self.bytes,
                limit: LIMIT_BYTES,
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_last_value() {
        let mut parameters = Parameters::default();
        parameters.set("TimeZone".into(), "UTC".into()).unwrap();
        parameters.set("a.b".into(), "1".into()).unwrap();
        parameters.set("TimeZone".into(), "Europe/Prague".into()).unwrap();
        assert_eq!(parameters.get("TimeZone").unwrap(), "Europe/Prague");
        assert_eq!(parameters.get("timezone"), None);
        let all: Vec<_> = parameters
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(all, ["TimeZone=Europe/Prague", "a.b=1"]);
    }

    #[test]
    fn a_server_cannot_fill_the_memory() {
        let mut parameters = Parameters::default();
        let value = "v".repeat(30_000);
        for _ in 0..1000 {
            parameters
                .set("search_path".into(), (&value).into())
                .expect("one parameter may change as often as it likes");
        }
        let error = (0..1000).find_map(|index: u32| {
            let name = index.to_string();
            parameters.set((&name).into(), (&value).into()).err()
        });
        assert!(matches!(error, Some(ProtocolError::TooManyParameters { .. })));

        let mut parameters = Parameters::default();
        let error = (0..100_000).find_map(|index: u32| {
            let name = index.to_string();
            parameters.set((&name).into(), "".into()).err()
        });
        assert!(matches!(error, Some(ProtocolError::TooManyParameters { .. })));
        assert!(parameters.iter().count() < 50_000);
    }
}
