//! From what a user asked for to a session: hosts, addresses and kinds of encryption in libpq's order.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use dblink_protocol::SqlState;
use dblink_protocol::auth::AuthConfig;
use dblink_protocol::handshake::{Encryption, HandshakeConfig, HandshakeError};
use tokio::time::{Instant, timeout_at};

use super::error::{Attempt, AttemptError, ConnectError, Place};
use super::ladder::{Ladder, Outcome};
use super::target::{Address, Target, TargetTls};
use super::tls::{TlsConnector, TlsError};
use super::{random, session_attrs, socket, tls_options};
use crate::connection::{Connection, OpenError, Progress};
use crate::conninfo::{Config, HostKind, HostSpec, LoadBalanceHosts, SslCertMode, TargetSessionAttrs};

/// What to do after a failure.
enum Next {
    Address,
    Host,
    Nothing,
}

/// Connects as `config` says, within `deadline` if there is one.
pub(crate) async fn dial(config: &Config, deadline: Option<Duration>) -> Result<Connection, ConnectError> {
    let mut dialler = Dialler {
        config,
        deadline: deadline.map(|deadline| (Instant::now() + deadline, deadline)),
        attempts: Vec::new(),
        fallback: None,
    };
    match dialler.hosts().await {
        Some(connection) => Ok(connection),
        None => dialler.fallback.ok_or(ConnectError {
            attempts: dialler.attempts,
        }),
    }
}

struct Dialler<'c> {
    config: &'c Config,
    /// When all must be done, and how long that was from the beginning.
    deadline: Option<(Instant, Duration)>,
    attempts: Vec<Attempt>,
    /// With prefer-standby: the first session with a server that is no standby. libpq would dial it again.
    fallback: Option<Connection>,
}

impl Dialler<'_> {
    async fn hosts(&mut self) -> Option<Connection> {
        let mut hosts: Vec<&HostSpec> = self.config.hosts.iter().collect();
        if self.config.load_balance_hosts == LoadBalanceHosts::Random {
            random::shuffle(&mut hosts);
        }
        for host in hosts {
            if self.is_late() && !self.attempts.is_empty() {
                return None;
            }
            let mut addresses = match self.addresses(host).await {
                Ok(addresses) => addresses,
                Err(attempt) => {
                    self.attempts.push(attempt);
                    continue;
                }
            };
            if self.config.load_balance_hosts == LoadBalanceHosts::Random {
                random::shuffle(&mut addresses);
            }
            for address in addresses {
                match self.address(host, &address).await {
                    Ok(connection) => return Some(connection),
                    Err(Next::Address) => {}
                    Err(Next::Host) => break,
                    Err(Next::Nothing) => {
                        // As libpq, which does not start over with other demands then.
                        self.fallback = None;
                        return None;
                    }
                }
            }
        }
        None
    }

    /// The addresses of a host, looked up if it is a name.
    async fn addresses(&self, host: &HostSpec) -> Result<Vec<Address>, Attempt> {
        let at_host = |cause| Attempt {
            place: Place::Host {
                host: host.host.clone(),
            },
            cause,
        };
        let port = match &host.port {
            Ok(port) => *port,
            Err(error) => return Err(at_host(AttemptError::Port(error.clone()))),
        };
        match host.kind {
            HostKind::UnixSocket => Ok(vec![Address::Unix(format!("{}/.s.PGSQL.{port}", host.host))]),
            HostKind::Address => match host.hostaddr.parse::<IpAddr>() {
                Ok(address) => Ok(vec![Address::Tcp(SocketAddr::new(address, port))]),
                Err(error) => Err(at_host(AttemptError::Lookup(io::Error::other(error)))),
            },
            HostKind::Name => {
                let lookup = self.within(None, tokio::net::lookup_host((host.host.as_str(), port)));
                match lookup.await {
                    Ok(Ok(addresses)) => {
                        let addresses: Vec<_> = addresses.map(Address::Tcp).collect();
                        if addresses.is_empty() {
                            return Err(at_host(AttemptError::Lookup(io::ErrorKind::NotFound.into())));
                        }
                        Ok(addresses)
                    }
                    Ok(Err(error)) => Err(at_host(AttemptError::Lookup(error))),
                    Err(cause) => Err(at_host(cause)),
                }
            }
        }
    }

    /// Tries one address with every kind of encryption that may do.
    async fn address(&mut self, host: &HostSpec, address: &Address) -> Result<Connection, Next> {
        let config = self.config;
        let mut ladder = match address {
            Address::Tcp(_) => Ladder::for_tcp(config.tls.mode, config.tls.negotiation),
            Address::Unix(_) => Ladder::for_socket(),
        };
        // As in libpq, the time is that of the address, whatever is tried there.
        let timeout = config
            .connect_timeout
            .map(|timeout| (Instant::now() + timeout, timeout));
        let mut next = Next::Address;
        while let Some(encryption) = ladder.next() {
            let mut progress = Progress::default();
            let attempt = attempt(config, host, address, encryption, &mut progress);
            let cause = match self.within(timeout, attempt).await {
                Ok(Ok(mut connection)) => {
                    let check = session_attrs::check(&mut connection, config.target_session_attrs);
                    match self.within(timeout, check).await {
                        Ok(Ok(())) => return Ok(connection),
                        Ok(Err(cause)) => {
                            if matches!(cause, AttemptError::SessionAttrs(_)) {
                                self.keep(connection).await;
                            }
                            self.note(host, address, cause);
                            return Err(Next::Host);
                        }
                        Err(timeout) => timeout,
                    }
                }
                Ok(Err(cause)) | Err(cause) => cause,
            };
            let outcome;
            (next, outcome) = judge(&cause, &progress);
            self.note(host, address, cause);
            if self.is_late() {
                return Err(Next::Host);
            }
            ladder.failed(outcome);
        }
        Err(next)
    }

    /// Keeps a session that is not what is preferred, but would do; says goodbye to others.
    async fn keep(&mut self, connection: Connection) {
        if self.config.target_session_attrs == TargetSessionAttrs::PreferStandby && self.fallback.is_none() {
            self.fallback = Some(connection);
        } else {
            // That the server did not hear it is no loss.
            drop(self.within(None, connection.close()).await);
        }
    }

    /// Whether the time of the whole is up.
    fn is_late(&self) -> bool {
        self.deadline.is_some_and(|(at, _)| Instant::now() >= at)
    }

    fn note(&mut self, host: &HostSpec, address: &Address, cause: AttemptError) {
        let place = match address {
            Address::Unix(path) => Place::Unix { path: path.clone() },
            Address::Tcp(address) => {
                let looked_up = host.kind == HostKind::Name && host.host != address.ip().to_string();
                Place::Tcp {
                    host: match host.kind {
                        HostKind::Address => host.hostaddr.clone(),
                        _ => host.host.clone(),
                    },
                    address: looked_up.then(|| address.ip().to_string()),
                    port: address.port(),
                }
            }
        };
        self.attempts.push(Attempt { place, cause });
    }

    /// Waits no longer than until the earlier of `limit` and the deadline of the whole.
    async fn within<F: Future>(
        &self,
        limit: Option<(Instant, Duration)>,
        future: F,
    ) -> Result<F::Output, AttemptError> {
        let earlier = match (limit, self.deadline) {
            (Some(a), Some(b)) => Some(if a.0 < b.0 { a } else { b }),
            (a, b) => a.or(b),
        };
        match earlier {
            Some((at, length)) => timeout_at(at, future)
                .await
                .map_err(|_| AttemptError::Timeout(length)),
            None => Ok(future.await),
        }
    }
}

/// One connection, one kind of encryption.
async fn attempt(
    config: &Config,
    host: &HostSpec,
    address: &Address,
    encryption: Encryption,
    progress: &mut Progress,
) -> Result<Connection, AttemptError> {
    let tls = match encryption {
        Encryption::Ssl { .. } | Encryption::DirectSsl => {
            // It reads files.
            let options = tls_options::of(config, host);
            let connector = tokio::task::spawn_blocking(move || TlsConnector::new(&options)).await;
            let connector = connector.map_err(|error| AttemptError::Io(io::Error::other(error)))?;
            Some(Arc::new(connector.map_err(AttemptError::TlsConfig)?))
        }
        _ => None,
    };
    let mut target = Target {
        address: address.clone(),
        keepalives: config.keepalives,
        peer: config.requirepeer.clone(),
        tls: None,
    };
    let stream = match address {
        Address::Tcp(_) => target.open().await.map_err(AttemptError::Io)?,
        Address::Unix(path) => socket::unix(path, config.requirepeer.as_deref()).await?,
    };
    let mut auth = AuthConfig::new(&config.user, random::nonce().map_err(AttemptError::Io)?);
    auth.credentials.password = host.password.as_ref().map(|password| password.secret.clone());
    auth.credentials.scram_client_key = config.scram_client_key.clone();
    auth.credentials.scram_server_key = config.scram_server_key.clone();
    auth.require_auth = config.require_auth.clone();
    auth.channel_binding = config.channel_binding;
    let handshake = HandshakeConfig {
        encryption,
        parameters: config.parameters.clone(),
        min_version: config.min_protocol_version,
        max_version: config.max_protocol_version,
        ..HandshakeConfig::new(auth)
    };
    let mut connection = Connection::open_noting(stream, handshake, tls.as_deref(), progress)
        .await
        .map_err(AttemptError::Open)?;
    if config.tls.cert_mode == SslCertMode::Require && !progress.encrypted {
        return Err(AttemptError::Open(OpenError::Tls(
            TlsError::CertificateNotRequested,
        )));
    }
    if let Some(connector) = tls.filter(|_| progress.encrypted) {
        target.tls = Some(TargetTls {
            connector,
            direct: encryption == Encryption::DirectSsl,
        });
    }
    connection.set_target(target);
    Ok(connection)
}

/// What libpq does after a failure: where it goes on, and whether another kind of encryption is tried first.
fn judge(cause: &AttemptError, progress: &Progress) -> (Next, Outcome) {
    let refused = Outcome::Refused {
        encrypted: progress.encrypted,
    };
    match cause {
        AttemptError::Io(_) | AttemptError::Timeout(_) => (Next::Address, Outcome::Hopeless),
        // What the server makes of our certificate will be no other without encryption.
        AttemptError::Open(OpenError::Tls(
            TlsError::CertificateNotRequested | TlsError::CertificateNotSent,
        )) => (Next::Nothing, Outcome::Hopeless),
        AttemptError::Open(OpenError::Tls(_)) => (Next::Nothing, refused),
        AttemptError::Open(OpenError::Handshake(HandshakeError::Refused(diagnostic)))
            if !progress.authenticated =>
        {
            if diagnostic.sqlstate() == Some(SqlState::CANNOT_CONNECT_NOW) {
                (Next::Host, Outcome::Hopeless)
            } else {
                (Next::Nothing, refused)
            }
        }
        _ => (Next::Nothing, Outcome::Hopeless),
    }
}
