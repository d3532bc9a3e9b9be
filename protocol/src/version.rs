//! Protocol versions.

use std::fmt;

/// A version of the frontend/backend protocol.
///
/// ```
/// use dblink_protocol::ProtocolVersion;
///
/// assert_eq!(ProtocolVersion::from_code(196_610), ProtocolVersion::V3_2);
/// assert_eq!(ProtocolVersion::V3_2.to_string(), "3.2");
/// assert!(ProtocolVersion::V3_0 < ProtocolVersion::V3_2);
/// ```
///
/// PostgreSQL manual: [Protocol Versions](https://www.postgresql.org/docs/current/protocol-overview.html#PROTOCOL-VERSIONS).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProtocolVersion {
    /// The major version: a different one is a different protocol.
    pub major: u16,
    /// The minor version.
    pub minor: u16,
}

impl ProtocolVersion {
    /// What every server since PostgreSQL 7.4 speaks.
    pub const V3_0: Self = Self { major: 3, minor: 0 };

    /// Since PostgreSQL 18: the secret key of a session may have up to 256 bytes.
    pub const V3_2: Self = Self { major: 3, minor: 2 };

    /// The number on the wire: the major version in the upper 16 bits, the minor one in the lower.
    pub const fn code(self) -> i32 {
        let [a, b] = self.major.to_be_bytes();
        let [c, d] = self.minor.to_be_bytes();
        i32::from_be_bytes([a, b, c, d])
    }

    /// The version with this number on the wire.
    pub const fn from_code(code: i32) -> Self {
        let [a, b, c, d] = code.to_be_bytes();
        Self {
            major: u16::from_be_bytes([a, b]),
            minor: u16::from_be_bytes([c, d]),
        }
    }
}

/// As in `3.2`.
impl fmt::Display for ProtocolVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn codes() {
        assert_eq!(ProtocolVersion::V3_0.code(), 196_608);
        assert_eq!(ProtocolVersion::V3_2.code(), 196_610);
        assert_eq!(ProtocolVersion::from_code(206_607).to_string(), "3.9999");
    }

    #[test]
    fn the_major_version_counts_first() {
        let mut versions =
            [(3, 2), (4, 0), (2, 65_535), (3, 0)].map(|(major, minor)| ProtocolVersion { major, minor });
        versions.sort_unstable();
        assert_eq!(versions.map(|v| v.to_string()), ["2.65535", "3.0", "3.2", "4.0"]);
    }

    proptest! {
        #[test]
        fn every_code_goes_round(code: i32) {
            prop_assert_eq!(ProtocolVersion::from_code(code).code(), code);
        }
    }
}
