//! What the options say of TLS.

use std::path::PathBuf;

use dblink_protocol::Secret;

use super::choices::{SslCertMode, SslMode, SslNegotiation};
use super::environment::{file_in, path};
use super::error::ResolveError;
use super::setting::Settings;
use super::{Keyword, TlsVersion};

/// How a connection is encrypted by TLS. Files are those of the options, or libpq's in the home folder; whether they are
/// there is not known yet.
///
/// PostgreSQL manual: [SSL Support](https://www.postgresql.org/docs/current/libpq-ssl.html).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TlsConfig {
    /// Whether to use it, and how much to ask of the server's certificate.
    pub mode: SslMode,
    /// How it begins.
    pub negotiation: SslNegotiation,
    /// The authorities that may sign the server's certificate; none if there is no home folder to find them in.
    pub root_cert: Option<RootCert>,
    /// The list of revoked certificates.
    pub crl: Option<PathBuf>,
    /// The folder of lists of revoked certificates.
    pub crl_folder: Option<PathBuf>,
    /// The client's certificate. If the file is not there, the client has none.
    pub cert: Option<PathBuf>,
    /// The key of the client's certificate.
    pub key: Option<PathBuf>,
    /// The passphrase of the key.
    pub key_password: Option<Secret>,
    /// Whether the client's certificate may be, or must be, asked for.
    pub cert_mode: SslCertMode,
    /// Whether the host is named in clear text.
    pub sni: bool,
    /// The oldest version that is accepted.
    pub min_version: Option<TlsVersion>,
    /// The newest version that is accepted.
    pub max_version: Option<TlsVersion>,
    /// Where keys are written for those who debug.
    pub key_log: Option<PathBuf>,
}

/// The authorities that may sign the server's certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RootCert {
    /// Those that the system trusts.
    System,
    /// Those in this file.
    File(PathBuf),
}

impl TlsConfig {
    /// Checks the options in libpq's order.
    pub(super) fn resolve(settings: &Settings, home: Option<PathBuf>) -> Result<Self, ResolveError> {
        let mode = settings.choice(Keyword::Sslmode)?;
        let negotiation = settings.choice(Keyword::Sslnegotiation)?;
        if negotiation == SslNegotiation::Direct
            && matches!(mode, SslMode::Disable | SslMode::Allow | SslMode::Prefer)
        {
            return Err(ResolveError::WeakForDirect(mode));
        }
        let given = |keyword| settings.filled(keyword).map(path);
        let or_home = |keyword, name| {
            given(keyword).or_else(|| {
                home.clone()
                    .map(|home| file_in(file_in(home, ".postgresql"), name))
            })
        };
        let root_cert = match settings.filled(Keyword::Sslrootcert) {
            Some(b"system") => Some(RootCert::System),
            _ => or_home(Keyword::Sslrootcert, "root.crt").map(RootCert::File),
        };
        if root_cert == Some(RootCert::System) && mode != SslMode::VerifyFull {
            return Err(ResolveError::WeakForSystem(mode));
        }
        let min_version = version(settings, Keyword::SslMinProtocolVersion)?;
        let max_version = version(settings, Keyword::SslMaxProtocolVersion)?;
        if let (Some(min), Some(max)) = (min_version, max_version)
            && min > max
        {
            return Err(ResolveError::TlsVersionRange);
        }
        let crl_folder = given(Keyword::Sslcrldir);
        let crl = match crl_folder {
            Some(_) => given(Keyword::Sslcrl),
            None => or_home(Keyword::Sslcrl, "root.crl"),
        };
        let key_password = settings
            .get(Keyword::Sslpassword)
            .map(|setting| setting.secret().clone());
        Ok(Self {
            mode,
            negotiation,
            root_cert,
            crl,
            crl_folder,
            cert: or_home(Keyword::Sslcert, "postgresql.crt"),
            key: or_home(Keyword::Sslkey, "postgresql.key"),
            key_password: key_password.filter(|password| !password.is_empty()),
            cert_mode: settings.choice(Keyword::Sslcertmode)?,
            sni: settings.text(Keyword::Sslsni).starts_with('1'),
            min_version,
            max_version,
            key_log: given(Keyword::Sslkeylogfile),
        })
    }
}

/// The version of an option. An empty one is none.
fn version(settings: &Settings, keyword: Keyword) -> Result<Option<TlsVersion>, ResolveError> {
    let text = settings.text(keyword);
    if text.is_empty() {
        return Ok(None);
    }
    match TlsVersion::from_name(text) {
        Some(version) => Ok(Some(version)),
        None => Err(ResolveError::InvalidTlsVersion {
            keyword: keyword.name(),
            value: text.to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::setting::Source;
    use super::*;

    fn resolve(given: &[(Keyword, &str)]) -> Result<TlsConfig, ResolveError> {
        let mut settings = Settings::default();
        for (keyword, value) in given {
            settings.set(*keyword, *value, Source::String);
        }
        TlsConfig::resolve(&settings, Some("/h".into()))
    }

    fn refusal(given: &[(Keyword, &str)]) -> String {
        resolve(given).unwrap_err().to_string()
    }

    #[test]
    fn files_are_in_the_home_folder() {
        let tls = resolve(&[(Keyword::Sslcert, ""), (Keyword::Sslkey, "/k")]).unwrap();
        assert_eq!(tls.cert, Some("/h/.postgresql/postgresql.crt".into()));
        assert_eq!(tls.key, Some("/k".into()));
        assert_eq!(
            tls.root_cert,
            Some(RootCert::File("/h/.postgresql/root.crt".into()))
        );
        assert_eq!(tls.crl, Some("/h/.postgresql/root.crl".into()));
        let tls = resolve(&[(Keyword::Sslcrldir, "/d")]).unwrap();
        assert_eq!((tls.crl, tls.crl_folder), (None, Some("/d".into())));
        let tls = TlsConfig::resolve(&Settings::default(), None).unwrap();
        assert_eq!((tls.cert, tls.root_cert), (None, None));
    }

    #[test]
    fn direct_tls_is_certain() {
        let direct = (Keyword::Sslnegotiation, "direct");
        for mode in ["disable", "allow", "prefer"] {
            assert_eq!(
                refusal(&[direct, (Keyword::Sslmode, mode)]),
                format!(
                    "weak sslmode \"{mode}\" may not be used with sslnegotiation=direct (use \"require\", \
                     \"verify-ca\", or \"verify-full\")"
                )
            );
        }
        for mode in ["require", "verify-ca", "verify-full"] {
            assert!(resolve(&[direct, (Keyword::Sslmode, mode)]).is_ok());
        }
    }

    #[test]
    fn the_systems_authorities_are_no_proof_of_the_host() {
        let system = (Keyword::Sslrootcert, "system");
        for mode in ["disable", "allow", "prefer", "require", "verify-ca"] {
            assert_eq!(
                refusal(&[system, (Keyword::Sslmode, mode)]),
                format!(
                    "weak sslmode \"{mode}\" may not be used with sslrootcert=system (use \"verify-full\")"
                )
            );
        }
        let tls = resolve(&[system, (Keyword::Sslmode, "verify-full")]).unwrap();
        assert_eq!(tls.root_cert, Some(RootCert::System));
    }

    #[test]
    fn versions_are_a_range() {
        let range = |min, max| {
            resolve(&[
                (Keyword::SslMinProtocolVersion, min),
                (Keyword::SslMaxProtocolVersion, max),
            ])
            .map(|tls| (tls.min_version, tls.max_version))
        };
        assert_eq!(range("", ""), Ok((None, None)));
        assert_eq!(
            range("tlsV1", "TLSv1.3"),
            Ok((Some(TlsVersion::V1_0), Some(TlsVersion::V1_3)))
        );
        assert_eq!(range("TLSv1.2", "TLSv1.2").unwrap().1, Some(TlsVersion::V1_2));
        assert_eq!(
            range("TLSv1.3", "TLSv1.2").unwrap_err().to_string(),
            "invalid SSL protocol version range"
        );
        assert_eq!(
            range("x", "y").unwrap_err().to_string(),
            "invalid \"ssl_min_protocol_version\" value: \"x\""
        );
        assert_eq!(
            range("", "TLSv1.4").unwrap_err().to_string(),
            "invalid \"ssl_max_protocol_version\" value: \"TLSv1.4\""
        );
    }

    #[test]
    fn an_empty_word_is_no_word() {
        for (keyword, name) in [
            (Keyword::Sslmode, "sslmode"),
            (Keyword::Sslnegotiation, "sslnegotiation"),
            (Keyword::Sslcertmode, "sslcertmode"),
        ] {
            assert_eq!(refusal(&[(keyword, "")]), format!("invalid {name} value: \"\""));
        }
    }

    #[test]
    fn sni_begins_with_one() {
        for (text, sni) in [
            ("1", true),
            ("1x", true),
            ("0", false),
            ("", false),
            ("true", false),
        ] {
            assert_eq!(resolve(&[(Keyword::Sslsni, text)]).unwrap().sni, sni);
        }
    }
}
