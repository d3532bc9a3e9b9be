//! From what a user asked for to a session: hosts, addresses and kinds of encryption in libpq's order.

use std::path::PathBuf;
use std::time::Duration;

use dblink_protocol::SqlState;
use dblink_protocol::conversation::Ending;
use dblink_protocol::handshake::HandshakeError;

use super::attempt::attempt;
use super::error::{Attempt, AttemptError, ConnectError, Place};
use super::judgement::{Next, judge};
use super::ladder::Ladder;
use super::target::Address;
use super::time_limit::{TimeLimit, earlier, within};
use super::{lookup, random, session_attrs};
use crate::connection::{Closed, Connection, OpenError, Progress};
use crate::conninfo::{Config, HostKind, HostSpec, LoadBalanceHosts, Source, TargetSessionAttrs};

/// Connects as `config` says, within `deadline` if there is one.
pub(crate) async fn dial(config: &Config, deadline: Option<Duration>) -> Result<Connection, ConnectError> {
    let mut dialler = Dialler {
        config,
        deadline: deadline.and_then(TimeLimit::of),
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
    /// When all must be done.
    deadline: Option<TimeLimit>,
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
            let looked_up = within(self.deadline, lookup::addresses(host)).await;
            let mut addresses = match looked_up {
                Ok(Ok(addresses)) => addresses,
                Ok(Err(cause)) | Err(cause) => {
                    let host = match host.kind {
                        HostKind::Address => host.hostaddr.clone(),
                        _ => host.host.clone(),
                    };
                    self.note(Place::Host { host }, cause, None);
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

    /// Tries one address with every kind of encryption that may do.
    async fn address(&mut self, host: &HostSpec, address: &Address) -> Result<Connection, Next> {
        let config = self.config;
        let mut ladder = match address {
            Address::Tcp(_) => Ladder::for_tcp(config.tls.mode, config.tls.negotiation),
            Address::Unix(_) => Ladder::for_socket(),
        };
        // As in libpq, the time is that of the address, whatever is tried there.
        let limit = earlier(config.connect_timeout.and_then(TimeLimit::of), self.deadline);
        let mut next = Next::Address;
        while let Some(encryption) = ladder.next() {
            let mut progress = Progress::default();
            let attempt = attempt(config, host, address, encryption, &mut progress);
            let cause = match within(limit, attempt).await {
                Ok(Ok(connection)) => match self.check(connection, limit).await {
                    Ok(connection) => return Ok(connection),
                    Err((cause, next)) => {
                        self.note(place(host, address), cause, None);
                        return Err(next);
                    }
                },
                Ok(Err(cause)) | Err(cause) => cause,
            };
            let outcome;
            (next, outcome) = judge(&cause, &progress);
            let file = refused_password_file(config, host, &cause);
            self.note(place(host, address), cause, file);
            if self.is_late() {
                return Err(Next::Host);
            }
            ladder.failed(outcome);
        }
        Err(next)
    }

    /// Gives the session if it is what it should be; else tells where to go on.
    async fn check(
        &mut self,
        mut connection: Connection,
        limit: Option<TimeLimit>,
    ) -> Result<Connection, (AttemptError, Next)> {
        let check = session_attrs::check(&mut connection, self.config.target_session_attrs);
        let cause = match within(limit, check).await {
            Ok(Ok(())) => return Ok(connection),
            Ok(Err(cause)) => cause,
            Err(timeout) => return Err((timeout, Next::Address)),
        };
        match connection.closed() {
            None => {}
            // A server that says why it ends the session has given an answer.
            Some(Closed::Ended(Ending::Server(_))) => return Err((cause, Next::Host)),
            Some(_) => return Err((cause, Next::Nothing)),
        }
        if self.config.target_session_attrs == TargetSessionAttrs::PreferStandby && self.fallback.is_none() {
            self.fallback = Some(connection);
        } else {
            // That the server did not hear the goodbye is no loss.
            drop(within(limit, connection.close()).await);
        }
        Err((cause, Next::Host))
    }

    /// Whether the time of the whole is up.
    fn is_late(&self) -> bool {
        self.deadline.is_some_and(TimeLimit::is_over)
    }

    fn note(&mut self, place: Place, cause: AttemptError, password_file: Option<PathBuf>) {
        self.attempts.push(Attempt {
            place,
            cause,
            password_file,
        });
    }
}

/// The address as messages show it.
fn place(host: &HostSpec, address: &Address) -> Place {
    match address {
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
    }
}

/// The file that the password came from, if the server has refused it: nobody sees otherwise that it is from there.
fn refused_password_file(config: &Config, host: &HostSpec, cause: &AttemptError) -> Option<PathBuf> {
    let is_refused = matches!(cause, AttemptError::Open(OpenError::Handshake(error @ HandshakeError::Refused(_)))
        if error.sqlstate() == SqlState::INVALID_PASSWORD);
    match &host.password.as_ref()?.source {
        Source::PasswordFile(file) if is_refused && config.password_source.is_none() => Some(file.clone()),
        _ => None,
    }
}
