//! Where a session may connect to, and how.

use super::Error;
use crate::conninfo::{Config, Conninfo, Keyword};

/// Which hosts and options are allowed. At first all are.
///
/// It holds for connection strings and foreign servers, but not for a [`Config`] that the program itself has put together.
///
/// ```
/// use dblink_engine::conninfo::Keyword;
/// use dblink_engine::session::Policy;
///
/// let policy = Policy::new()
///     .hosts(["db1.example.com", "*.internal.example.com"])
///     .options([Keyword::Host, Keyword::Port, Keyword::Dbname, Keyword::User, Keyword::Password]);
/// # drop(policy);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Policy {
    hosts: Option<Vec<String>>,
    options: Option<Vec<Keyword>>,
    connect_u: bool,
}

impl Policy {
    /// Everything is allowed.
    pub fn new() -> Self {
        Self::default()
    }

    /// Allows these hosts alone. `*.` at the beginning of one stands for whatever is below that domain. The folder of a
    /// Unix-domain socket is a host, too; and where a numeric address is given, it is one that has to be allowed.
    #[must_use]
    pub fn hosts<H: Into<String>>(mut self, hosts: impl IntoIterator<Item = H>) -> Self {
        self.hosts = Some(hosts.into_iter().map(Into::into).collect());
        self
    }

    /// Allows these options alone in connection strings and foreign servers.
    #[must_use]
    pub fn options(mut self, options: impl IntoIterator<Item = Keyword>) -> Self {
        self.options = Some(options.into_iter().collect());
        self
    }

    /// Allows [`connect_u`](super::Session::connect_u) to those who are no superusers: as `GRANT EXECUTE` does in dblink.
    #[must_use]
    pub const fn connect_u(mut self, allowed: bool) -> Self {
        self.connect_u = allowed;
        self
    }

    /// Whether those who are no superusers may call `connect_u`.
    pub(super) const fn allows_connect_u(&self) -> bool {
        self.connect_u
    }

    /// Refuses options that are not allowed.
    pub(super) fn check_options(&self, conninfo: &Conninfo) -> Result<(), Error> {
        let Some(options) = &self.options else {
            return Ok(());
        };
        let forbidden = conninfo
            .iter()
            .find(|setting| !options.contains(&setting.keyword()));
        forbidden.map_or(Ok(()), |setting| {
            Err(Error::OptionForbidden {
                keyword: setting.keyword().name().to_owned(),
            })
        })
    }

    /// Refuses hosts that are not allowed, wherever they were given.
    pub(super) fn check_hosts(&self, config: &Config) -> Result<(), Error> {
        let Some(hosts) = &self.hosts else {
            return Ok(());
        };
        for spec in &config.hosts {
            // It is the address that is connected to, whatever name stands beside it.
            let host = if spec.hostaddr.is_empty() {
                &spec.host
            } else {
                &spec.hostaddr
            };
            if !hosts.iter().any(|allowed| matches(allowed, host)) {
                return Err(Error::HostForbidden { host: host.clone() });
            }
        }
        Ok(())
    }
}

/// Whether a host is an allowed one.
fn matches(allowed: &str, host: &str) -> bool {
    match allowed.strip_prefix('*') {
        Some(domain) if domain.starts_with('.') => {
            let split = host.len().checked_sub(domain.len());
            split.filter(|split| *split > 0).is_some_and(|split| {
                host.get(split..)
                    .is_some_and(|end| end.eq_ignore_ascii_case(domain))
            })
        }
        _ => allowed.eq_ignore_ascii_case(host),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_what_is_below_it() {
        assert!(matches("*.example.com", "db.Example.com"));
        assert!(matches("*.example.com", "a.b.example.com"));
        assert!(!matches("*.example.com", "example.com"));
        assert!(!matches("*.example.com", ".example.com"));
        assert!(!matches("*.example.com", "badexample.com"));
        assert!(!matches("*example.com", "badexample.com"));
        assert!(matches("DB1", "db1"));
    }
}
