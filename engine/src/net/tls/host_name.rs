//! Whether a certificate was issued for a host, by PostgreSQL's rules.

use std::net::{Ipv4Addr, Ipv6Addr};

use rustls::CertificateError;
use rustls::pki_types::CertificateDer;
use x509_cert::Certificate;
use x509_cert::der::asn1::AnyRef;
use x509_cert::der::oid::db::{rfc4519, rfc5280};
use x509_cert::der::{Decode, Reader, Tag, TagNumber};

use super::certificate::parse;
use crate::net::inet_aton::inet_aton;

/// A certificate that was not issued for the host, in libpq's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HostNameError {
    /// It was issued for others.
    #[error(
        "server certificate for \"{name}\"{} does not match host name \"{host}\"",
        others_text(*.others)
    )]
    Mismatch {
        /// The first name in the certificate, with its control characters replaced.
        name: String,
        /// How many names there are besides.
        others: usize,
        /// The host.
        host: String,
    },
    /// It was issued for nobody.
    #[error("could not get server's host name from server certificate")]
    NoName,
    /// A zero byte in a name makes others read less of it than its issuer did (CVE-2009-4034).
    #[error("SSL certificate's name contains embedded null")]
    EmbeddedNull,
    /// An address that is neither of IPv4 nor of IPv6.
    #[error("certificate contains IP address with invalid length {0}")]
    AddressLength(usize),
}

fn others_text(others: usize) -> String {
    match others {
        0 => String::new(),
        1 => String::from(" (and 1 other name)"),
        _ => format!(" (and {others} other names)"),
    }
}

/// The names in a certificate that can be those of a host.
#[derive(Debug, Default)]
pub(super) struct HostNames {
    /// From the extension "subject alternative name", in the certificate's order.
    alternative: Vec<AlternativeName>,
    /// The first common name of the subject.
    common: Option<Vec<u8>>,
}

#[derive(Debug)]
enum AlternativeName {
    Dns(Vec<u8>),
    Ip(Vec<u8>),
}

impl HostNames {
    /// Reads the names from a certificate.
    pub(super) fn of(certificate: &CertificateDer<'_>) -> Result<Self, CertificateError> {
        let certificate = parse(certificate)?;
        Ok(Self {
            alternative: alternative_names(&certificate).map_err(|_| CertificateError::BadEncoding)?,
            common: certificate
                .tbs_certificate()
                .subject()
                .iter()
                .find(|attribute| attribute.oid == rfc4519::COMMON_NAME)
                .map(|attribute| attribute.value.value().to_vec()),
        })
    }

    /// Looks for the host among the names.
    ///
    /// An address is looked for in the names of DNS, too. The common name counts if there is no alternative name of the
    /// host's kind.
    pub(super) fn check(&self, host: &str) -> Result<(), HostNameError> {
        let host_is_address = inet_aton(host).is_some() || host.parse::<Ipv6Addr>().is_ok();
        let mut first = None;
        let mut examined = 0;
        let mut look_at_common = true;
        for name in &self.alternative {
            look_at_common &= host_is_address != matches!(name, AlternativeName::Ip(_));
            let (shown, found) = match name {
                AlternativeName::Dns(name) => check_name(name, host)?,
                AlternativeName::Ip(address) => check_address(address, host)?,
            };
            if found {
                return Ok(());
            }
            examined += 1;
            first.get_or_insert(shown);
        }
        if let Some(name) = self.common.as_ref().filter(|_| look_at_common) {
            let (shown, found) = check_name(name, host)?;
            if found {
                return Ok(());
            }
            examined += 1;
            first.get_or_insert(shown);
        }
        Err(
            first.map_or(HostNameError::NoName, |name| HostNameError::Mismatch {
                name,
                others: examined - 1,
                host: host.into(),
            }),
        )
    }
}

/// The names of DNS and the addresses in the extension "subject alternative name". Names of other kinds are passed over
/// without a look.
fn alternative_names(certificate: &Certificate) -> Result<Vec<AlternativeName>, x509_cert::der::Error> {
    let mut names = Vec::new();
    let extensions = certificate.tbs_certificate().extensions().into_iter().flatten();
    for extension in extensions.filter(|extension| extension.extn_id == rfc5280::ID_CE_SUBJECT_ALT_NAME) {
        AnyRef::from_der(extension.extn_value.as_bytes())?.sequence(|reader| {
            while !reader.is_finished() {
                let name = AnyRef::decode(reader)?;
                let value = || name.value().to_vec();
                match x509_cert::der::Tagged::tag(&name) {
                    Tag::ContextSpecific {
                        number: TagNumber(2), ..
                    } => names.push(AlternativeName::Dns(value())),
                    Tag::ContextSpecific {
                        number: TagNumber(7), ..
                    } => names.push(AlternativeName::Ip(value())),
                    _ => {}
                }
            }
            Ok::<_, x509_cert::der::Error>(())
        })?;
    }
    Ok(names)
}

/// How to show the name, and whether it is the host's.
fn check_name(name: &[u8], host: &str) -> Result<(String, bool), HostNameError> {
    if name.contains(&0) {
        return Err(HostNameError::EmbeddedNull);
    }
    let found = name.eq_ignore_ascii_case(host.as_bytes()) || wildcard_matches(name, host.as_bytes());
    // It goes to logs and terminals.
    let shown = String::from_utf8_lossy(name).replace(char::is_control, "\u{fffd}");
    Ok((shown, found))
}

/// Whether the name is `*.rest`, and the host `label.rest`: the asterisk stands for one label and nothing else.
fn wildcard_matches(name: &[u8], host: &[u8]) -> bool {
    let Some(rest) = name.strip_prefix(b"*").filter(|rest| rest.len() > 1) else {
        return false;
    };
    host.iter()
        .position(|byte| *byte == b'.')
        .filter(|dot| *dot > 0)
        .and_then(|dot| host.get(dot..))
        .is_some_and(|tail| tail.eq_ignore_ascii_case(rest))
}

/// How to show the address, and whether it is the host's.
fn check_address(address: &[u8], host: &str) -> Result<(String, bool), HostNameError> {
    if let Ok(address) = <[u8; 4]>::try_from(address) {
        Ok((
            Ipv4Addr::from(address).to_string(),
            inet_aton(host) == Some(address),
        ))
    } else if let Ok(address) = <[u8; 16]>::try_from(address) {
        let address = Ipv6Addr::from(address);
        Ok((address.to_string(), host.parse() == Ok(address)))
    } else {
        Err(HostNameError::AddressLength(address.len()))
    }
}
