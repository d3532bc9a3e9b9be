//! Hosts: where to connect to, from the lists `host`, `hostaddr` and `port`.

use dblink_protocol::Secret;

use super::Keyword;
use super::error::ResolveError;
use super::setting::{Settings, Source};
use super::text::integer;

/// A host to connect to.
///
/// PostgreSQL manual: [Specifying Multiple
/// Hosts](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-MULTIPLE-HOSTS).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HostSpec {
    /// How to reach it.
    pub kind: HostKind,
    /// The item of `host`, or the folder of Unix-domain sockets where nothing is given; empty if only `hostaddr` is.
    pub host: String,
    /// The item of `hostaddr`, or empty.
    pub hostaddr: String,
    /// The port, or why there is none: then this host cannot be reached, but the next one may be.
    pub port: Result<u16, InvalidPort>,
    /// The password for this host.
    pub password: Option<Password>,
}

impl HostSpec {
    /// What it is called: [`host`](Self::host), or [`hostaddr`](Self::hostaddr) if that is all that is given.
    ///
    /// PostgreSQL manual: [`PQhost`](https://www.postgresql.org/docs/current/libpq-status.html#LIBPQ-PQHOST).
    pub fn name(&self) -> &str {
        if self.host.is_empty() {
            &self.hostaddr
        } else {
            &self.host
        }
    }
}

/// How to reach a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HostKind {
    /// `host` is a name to look up.
    Name,
    /// `hostaddr` is a numeric address, and `host` its name, if it is given.
    Address,
    /// `host` is the folder of a Unix-domain socket, or begins with `@` for one in the abstract namespace.
    UnixSocket,
}

/// A port that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid port number: \"{0}\"")]
pub struct InvalidPort(
    /// As it was written.
    String,
);

/// A password, and where it comes from. A server that refuses one from a password file is reported with the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Password {
    /// The password.
    pub secret: Secret,
    /// Where it comes from.
    pub source: Source,
}

/// The port of a host that has none.
const DEFAULT_PORT: &str = "5432";

/// A place in the lists, before its port and its password are known.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Slot {
    kind: HostKind,
    host: String,
    hostaddr: String,
    port: String,
}

impl Slot {
    /// The host as a password file has it.
    pub(super) fn password_host<'a>(&'a self, socket_folder: &str) -> &'a str {
        match (self.host.as_str(), self.hostaddr.as_str()) {
            ("", address) => address,
            (host, _) if host == socket_folder => "localhost",
            (host, _) => host,
        }
    }

    /// The port as a password file has it.
    pub(super) fn password_port(&self) -> &str {
        if self.port.is_empty() {
            DEFAULT_PORT
        } else {
            &self.port
        }
    }

    /// The host, once the password is known.
    pub(super) fn resolve(self, password: Option<Password>) -> Result<HostSpec, ResolveError> {
        let number = integer(Keyword::Port, self.password_port())?;
        let port = u16::try_from(number).ok().filter(|&port| port > 0);
        let port = port.ok_or(InvalidPort(self.port));
        Ok(HostSpec {
            kind: self.kind,
            host: self.host,
            hostaddr: self.hostaddr,
            port,
            password,
        })
    }
}

/// Splits the lists. `hostaddr` says how many hosts there are, or else `host`.
pub(super) fn slots(settings: &Settings, socket_folder: &str) -> Result<Vec<Slot>, ResolveError> {
    let hosts = items(settings.text(Keyword::Host));
    let hostaddrs = items(settings.text(Keyword::Hostaddr));
    let ports = items(settings.text(Keyword::Port));
    let count = match (hosts.len(), hostaddrs.len()) {
        (0, 0) => 1,
        (count, 0) | (0, count) => count,
        (hosts, hostaddrs) if hosts == hostaddrs => hosts,
        (hosts, hostaddrs) => return Err(ResolveError::HostCount { hosts, hostaddrs }),
    };
    if ports.len() > 1 && ports.len() != count {
        return Err(ResolveError::PortCount {
            ports: ports.len(),
            hosts: count,
        });
    }
    let item = |list: &[&str], at: usize| list.get(at).copied().unwrap_or_default().to_owned();
    let slot = |at| {
        let mut host = item(&hosts, at);
        let hostaddr = item(&hostaddrs, at);
        if host.is_empty() && hostaddr.is_empty() {
            socket_folder.clone_into(&mut host);
        }
        let kind = if !hostaddr.is_empty() {
            HostKind::Address
        } else if host.starts_with(['/', '@']) {
            HostKind::UnixSocket
        } else {
            HostKind::Name
        };
        Slot {
            kind,
            host,
            hostaddr,
            port: item(&ports, if ports.len() == 1 { 0 } else { at }),
        }
    };
    Ok((0..count).map(slot).collect())
}

/// The items of a list. An empty one has none.
fn items(list: &str) -> Vec<&str> {
    if list.is_empty() {
        return Vec::new();
    }
    list.split(',').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kind, host, address and port of each slot.
    fn split(
        host: &str,
        hostaddr: &str,
        port: &str,
    ) -> Result<Vec<(HostKind, String, String, String)>, ResolveError> {
        let mut settings = Settings::default();
        settings.set(Keyword::Host, host, Source::String);
        settings.set(Keyword::Hostaddr, hostaddr, Source::String);
        settings.set(Keyword::Port, port, Source::String);
        let slots = slots(&settings, "/sockets")?;
        let slots = slots.into_iter();
        Ok(slots
            .map(|slot| (slot.kind, slot.host, slot.hostaddr, slot.port))
            .collect())
    }

    #[track_caller]
    fn assert_split(host: &str, hostaddr: &str, port: &str, expected: &[(HostKind, &str, &str, &str)]) {
        let split = split(host, hostaddr, port).unwrap();
        let split: Vec<_> = split
            .iter()
            .map(|(kind, host, hostaddr, port)| (*kind, host.as_str(), hostaddr.as_str(), port.as_str()))
            .collect();
        assert_eq!(split, expected);
    }

    #[test]
    fn an_item_has_a_kind() {
        use HostKind::{Address, Name, UnixSocket};
        assert_split("", "", "1", &[(UnixSocket, "/sockets", "", "1")]);
        assert_split(
            "h,/s,@a,,C:",
            "",
            "",
            &[
                (Name, "h", "", ""),
                (UnixSocket, "/s", "", ""),
                (UnixSocket, "@a", "", ""),
                (UnixSocket, "/sockets", "", ""),
                (Name, "C:", "", ""),
            ],
        );
        assert_split(
            "a,/b,c,",
            "::1,::2,,",
            "1,2,,4",
            &[
                (Address, "a", "::1", "1"),
                (Address, "/b", "::2", "2"),
                (Name, "c", "", ""),
                (UnixSocket, "/sockets", "", "4"),
            ],
        );
        assert_split(
            "",
            "::1,::2",
            "",
            &[(Address, "", "::1", ""), (Address, "", "::2", "")],
        );
        assert_split(" a , b", "", "", &[(Name, " a ", "", ""), (Name, " b", "", "")]);
    }

    #[test]
    fn one_port_is_for_all() {
        use HostKind::Name;
        assert_split("a,b", "", "1", &[(Name, "a", "", "1"), (Name, "b", "", "1")]);
        assert_split("a,b", "", "1,2", &[(Name, "a", "", "1"), (Name, "b", "", "2")]);
        assert_split("a,b", "", ",", &[(Name, "a", "", ""), (Name, "b", "", "")]);
    }

    #[test]
    fn lists_are_equally_long() {
        let refusal = |host, hostaddr, port| split(host, hostaddr, port).unwrap_err().to_string();
        for (host, hostaddr, hosts, hostaddrs) in
            [("a,b", "::1", 2, 1), ("a", "::1,", 1, 2), (",,", "::1", 3, 1)]
        {
            assert_eq!(
                refusal(host, hostaddr, ""),
                format!("could not match {hosts} host names to {hostaddrs} hostaddr values")
            );
        }
        for (host, port, ports, hosts) in [("a", "1,2", 2, 1), ("a,b,c", "1,2", 2, 3), ("", ",", 2, 1)] {
            assert_eq!(
                refusal(host, "", port),
                format!("could not match {ports} port numbers to {hosts} hosts")
            );
        }
    }

    fn slot(host: &str, hostaddr: &str, port: &str) -> Slot {
        Slot {
            kind: HostKind::Name,
            host: host.to_owned(),
            hostaddr: hostaddr.to_owned(),
            port: port.to_owned(),
        }
    }

    #[test]
    fn a_port_is_a_number_and_may_be_an_impossible_one() {
        let port = |text| slot("h", "", text).resolve(None).map(|spec| spec.port);
        assert_eq!(port(""), Ok(Ok(5432)));
        assert_eq!(port(" 65535\n"), Ok(Ok(65_535)));
        for text in ["0", "65536", "-1", "2147483647"] {
            let error = port(text).unwrap().unwrap_err();
            assert_eq!(error.to_string(), format!("invalid port number: \"{text}\""));
        }
        for text in ["x", "5432x", " ", "2147483648"] {
            assert_eq!(
                port(text).unwrap_err().to_string(),
                format!("invalid integer value \"{text}\" for connection option \"port\"")
            );
        }
    }

    #[test]
    fn the_password_file_has_names() {
        let names = |host, hostaddr, port| {
            let slot = slot(host, hostaddr, port);
            (
                slot.password_host("/sockets").to_owned(),
                slot.password_port().to_owned(),
            )
        };
        assert_eq!(names("h", "::1", "1"), ("h".into(), "1".into()));
        assert_eq!(names("", "::1", ""), ("::1".into(), "5432".into()));
        assert_eq!(names("/sockets", "", ""), ("localhost".into(), "5432".into()));
        assert_eq!(names("/sockets/", "", ""), ("/sockets/".into(), "5432".into()));
    }
}
