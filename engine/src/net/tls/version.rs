//! Versions of TLS.

use std::fmt;

/// A version of TLS. The two oldest can be named, but are not spoken.
///
/// PostgreSQL manual: [ssl_min_protocol_version](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-SSL-MIN-PROTOCOL-VERSION).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TlsVersion {
    /// `TLSv1`.
    V1_0,
    /// `TLSv1.1`.
    V1_1,
    /// `TLSv1.2`.
    V1_2,
    /// `TLSv1.3`.
    V1_3,
}

impl TlsVersion {
    /// The names, in the order of the enum.
    pub const NAMES: &'static [&'static str] = &["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];

    /// The name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1_0 => "TLSv1",
            Self::V1_1 => "TLSv1.1",
            Self::V1_2 => "TLSv1.2",
            Self::V1_3 => "TLSv1.3",
        }
    }

    /// The version with this name, in any case of letters.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::V1_0, Self::V1_1, Self::V1_2, Self::V1_3]
            .into_iter()
            .find(|version| version.as_str().eq_ignore_ascii_case(name))
    }
}

/// The name.
impl fmt::Display for TlsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_in_any_case() {
        for name in TlsVersion::NAMES {
            assert_eq!(TlsVersion::from_name(name).unwrap().as_str(), *name);
        }
        assert_eq!(TlsVersion::from_name("tlsv1.3"), Some(TlsVersion::V1_3));
        for name in ["", "TLSv1.0", "TLSv1.4", "1.2", " TLSv1.2"] {
            assert_eq!(TlsVersion::from_name(name), None);
        }
    }
}
