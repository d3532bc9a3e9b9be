//! `dblink_connect`, `dblink_connect_u` and `dblink_disconnect`.

use std::sync::Arc;
use std::time::Duration;

use super::deadlock::Roster;
use super::error::{MissingPassword, NotEstablished};
use super::link::Link;
use super::name::truncate;
use super::notice::Notices;
use super::time::Time;
use super::{Canceller, Compat, Destination, Error, Name, Notice, Session};
use crate::connection::{self, Connection};
use crate::conninfo::{Config, Conninfo, Keyword, ParseError};

/// From which version on dblink has other words for a password that is missing.
const GSSAPI_VERSION: u32 = 16;

/// Whether the rules on passwords are to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// As far as the session's [privilege](super::Privilege) says.
    AsPrivileged,
    /// They are not.
    Full,
}

/// Where a caller wants to connect to.
pub(super) enum Sought {
    /// The program has put it together.
    Config(Box<Config>),
    Conninfo {
        conninfo: Result<Conninfo, ParseError>,
        /// The server has to ask for the password.
        restricted: bool,
    },
}

/// Where to connect to, when that was looked up.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub(super) config: Arc<Config>,
    /// The server has to ask for the password.
    restricted: bool,
}

/// How connections of a session are, wherever they lead: it outlives the borrow of the session.
#[derive(Debug, Clone)]
pub(super) struct Terms {
    compat: Compat,
    notices: Notices,
    /// The major version of the local server, or the newest.
    local_version: u32,
    /// The other connections, and when a call is looked at that may wait for them.
    roster: Roster,
    canceller: Canceller,
    deadlock_timeout: Option<Duration>,
}

impl Session {
    /// `dblink_connect`: opens a connection that stays open until it is [disconnected](Self::disconnect), or the session is
    /// dropped.
    ///
    /// The unnamed one takes the place of the one before, which is closed when the new one is there. A name that is longer
    /// than 63 bytes is cut, with a [notice](Notice::Truncated).
    ///
    /// Unless the session has the [privilege](super::Privilege) of a superuser, the password has to be in the connection string
    /// or the user mapping, and the server has to ask for it: otherwise whoever uses the session would be let in as whoever runs
    /// this program.
    ///
    /// ```
    /// # use dblink_engine::session::Session;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = dblink_tests::Cluster::shared().conninfo();
    /// let mut session = Session::new();
    /// session.connect("sales", &server).await?;
    /// assert_eq!(session.get_connections(), ["sales"]);
    /// session.disconnect("sales").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Cancel-safe: if it is dropped, there is no connection, and the one that was to be replaced is still there.
    ///
    /// PostgreSQL manual: [dblink_connect](https://www.postgresql.org/docs/current/contrib-dblink-connect.html).
    ///
    /// # Errors
    ///
    /// [`Error::NotEstablished`] (SQLSTATE `08001`); [`Error::DuplicateName`] (`42710`); [`Error::PasswordRequired`] (`2F003`);
    /// [`Error::OptionForbidden`], [`Error::HostForbidden`], [`Error::ServerForbidden`] (`42501`); [`Error::NoUserMapping`]
    /// (`42704`); [`Error::Deadline`] (`57014`).
    pub async fn connect(
        &mut self,
        name: impl Into<Name<'_>>,
        to: impl Into<Destination<'_>>,
    ) -> Result<(), Error> {
        self.connect_as(name.into(), to.into(), Trust::AsPrivileged).await
    }

    /// `dblink_connect_u`: as [`connect`](Self::connect), without the rules on passwords.
    ///
    /// It lets the connection in as whoever runs this program, by its password file, its certificates or its user at a
    /// Unix-domain socket. Call it for those only who may have that.
    ///
    /// ```
    /// # use dblink_engine::session::Session;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = dblink_tests::Cluster::shared().conninfo();
    /// # let mut session = Session::new();
    /// // By the password file, or as the user that this program runs as.
    /// session.connect_u("sales", &server).await?;
    /// # assert_eq!(session.get_connections(), ["sales"]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Cancel-safe: as [`connect`](Self::connect).
    ///
    /// PostgreSQL manual: [dblink_connect_u](https://www.postgresql.org/docs/current/contrib-dblink-connect-u.html).
    ///
    /// # Errors
    ///
    /// [`Error::ConnectUForbidden`] (SQLSTATE `42501`) without the [privilege](super::Privilege) of a superuser, unless the
    /// [policy](super::Policy::connect_u) allows it; and as [`connect`](Self::connect), but for [`Error::PasswordRequired`].
    pub async fn connect_u(
        &mut self,
        name: impl Into<Name<'_>>,
        to: impl Into<Destination<'_>>,
    ) -> Result<(), Error> {
        if !self.is_superuser() && !self.policy.allows_connect_u() {
            return Err(Error::ConnectUForbidden);
        }
        self.connect_as(name.into(), to.into(), Trust::Full).await
    }

    async fn connect_as(&mut self, name: Name<'_>, to: Destination<'_>, trust: Trust) -> Result<(), Error> {
        let time = Time::start(self.deadline);
        let sought = self.seek(to, trust, time).await?;
        let key = match name {
            Name::Unnamed => None,
            Name::Named(given) => {
                let key = truncate(given);
                if key != given {
                    self.notices.tell(&Notice::Truncated {
                        name: given.to_owned(),
                        to: key.to_owned(),
                    });
                }
                if self.named.contains_key(key) {
                    return Err(Error::DuplicateName { name: key.to_owned() });
                }
                Some(key)
            }
        };
        let found = self.find(sought)?;
        let link = self.establish(found, key, time).await?;
        match key {
            Some(key) => drop(self.named.insert(key.to_owned(), link)),
            None => {
                if let Some(mut old) = self.unnamed.replace(link) {
                    old.connection.leave().await;
                }
            }
        }
        Ok(())
    }

    /// `dblink_disconnect`: closes a connection. What is under way on it is cancelled at the server.
    ///
    /// ```
    /// # use dblink_engine::session::Session;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = dblink_tests::Cluster::shared().conninfo();
    /// # let mut session = Session::new();
    /// session.connect("sales", &server).await?;
    /// session.disconnect("sales").await?;
    /// let again = session.disconnect("sales").await.unwrap_err();
    /// assert_eq!(again.message(), "connection \"sales\" not available");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Dropping the future closes it, too.
    ///
    /// PostgreSQL manual: [dblink_disconnect](https://www.postgresql.org/docs/current/contrib-dblink-disconnect.html).
    ///
    /// # Errors
    ///
    /// [`Error::NotAvailable`] (SQLSTATE `08003`).
    pub async fn disconnect(&mut self, name: impl Into<Name<'_>>) -> Result<(), Error> {
        let name = name.into();
        let link = match name.key() {
            None => self.unnamed.take(),
            Some(key) => self.named.remove(key),
        };
        let Some(mut link) = link else {
            return Err(not_available(name));
        };
        if link.is_pending() && self.compat == Compat::Mended {
            // In C it runs on, until the server finds nobody to tell.
            link.connection.stop().await;
        }
        link.connection.leave().await;
        Ok(())
    }

    /// Opens a connection to where a call wants it.
    pub(super) async fn open_link(
        &mut self,
        to: Destination<'_>,
        name: Option<&str>,
        trust: Trust,
        time: Time,
    ) -> Result<Link, Error> {
        let sought = self.seek(to, trust, time).await?;
        let found = self.find(sought)?;
        self.establish(found, name, time).await
    }

    /// Looks up where to connect to, and whether a password is given where it has to be.
    pub(super) async fn seek(
        &mut self,
        to: Destination<'_>,
        trust: Trust,
        time: Time,
    ) -> Result<Sought, Error> {
        if let Some(local) = &mut self.local {
            local.limit_next(time.left());
        }
        let conninfo = match to {
            Destination::Config(config) => {
                return Ok(Sought::Config(Box::new(config.clone())));
            }
            Destination::ForeignServer(server) => match self.foreign_server(server).await? {
                Some(conninfo) => Ok(conninfo),
                None if self.local.is_none() => return Err(Error::NoLocal),
                None => {
                    return Err(Error::NoForeignServer {
                        server: server.to_owned(),
                    });
                }
            },
            Destination::Text(text) => match self.foreign_server(text).await? {
                Some(conninfo) => Ok(conninfo),
                None => Conninfo::parse(text),
            },
            Destination::Conninfo(text) => Conninfo::parse(text),
        };
        let restricted = trust == Trust::AsPrivileged && !self.is_superuser();
        let has_password = conninfo.as_ref().is_ok_and(|conninfo| {
            let password = conninfo.get(Keyword::Password);
            password.is_some_and(|password| !password.expose().is_empty())
        });
        if restricted && !has_password {
            return Err(self.password_required(MissingPassword::NotGiven));
        }
        Ok(Sought::Conninfo { conninfo, restricted })
    }

    /// Puts together how to connect, and sees whether that is allowed.
    pub(super) fn find(&self, sought: Sought) -> Result<Found, Error> {
        let (conninfo, restricted) = match sought {
            Sought::Config(config) => {
                return Ok(Found {
                    config: Arc::from(config),
                    restricted: false,
                });
            }
            Sought::Conninfo { conninfo, restricted } => (conninfo?, restricted),
        };
        self.policy.check_options(&conninfo)?;
        let config = conninfo.resolve(&*self.environment)?;
        self.policy.check_hosts(&config)?;
        Ok(Found {
            config: Arc::new(config),
            restricted,
        })
    }

    /// Connects.
    pub(super) async fn establish(
        &mut self,
        found: Found,
        name: Option<&str>,
        time: Time,
    ) -> Result<Link, Error> {
        self.terms().establish(found, name, time).await
    }

    /// How connections of this session are.
    pub(super) fn terms(&self) -> Terms {
        Terms {
            compat: self.compat,
            notices: self.notices.clone(),
            local_version: self.local_version(),
            roster: self.roster.clone(),
            canceller: self.canceller.clone(),
            deadlock_timeout: self.deadlock_timeout,
        }
    }

    fn password_required(&self, missing: MissingPassword) -> Error {
        password_required(missing, self.local_version())
    }
}

impl Terms {
    /// Connects.
    pub(super) async fn establish(
        &self,
        found: Found,
        name: Option<&str>,
        time: Time,
    ) -> Result<Link, Error> {
        let connection = match time.left() {
            None => Connection::connect(&found.config).await,
            Some(left) => Connection::connect_within(&found.config, left).await,
        };
        let mut connection = match connection {
            Ok(connection) => connection,
            Err(_) if time.left().is_some_and(|left| left.is_zero()) => return Err(time.passed()),
            Err(error) => return Err(error.into()),
        };
        if found.restricted && !connection.used_password() {
            connection.hang_up();
            return Err(password_required(
                MissingPassword::NotAskedFor,
                self.local_version,
            ));
        }
        let told = name.map(str::to_owned);
        let notices = self.notices.clone();
        connection.on_notice(move |diagnostic| {
            notices.tell(&Notice::Remote {
                name: told.clone(),
                diagnostic: diagnostic.clone(),
            });
        });
        let mut link = Link::new(connection, name.map(str::to_owned), found);
        link.state.cancel = self.canceller.join(&link.connection);
        self.settle_values(&mut link, time)
            .await
            .map_err(|error| Error::NotEstablished(NotEstablished::Session(error)))?;
        if let Some(after) = self.deadlock_timeout {
            link.look_after(&self.roster, after);
        }
        Ok(link)
    }

    /// Makes sure that texts are UTF-8, and that values in text mean the same to everybody.
    ///
    /// A time zone that is an abbreviation is another zone elsewhere, and so is the order of day and month: with ISO dates, there
    /// is neither. The server reports these parameters, so that mostly there is nothing to be done.
    pub(super) async fn settle_values(&self, link: &mut Link, time: Time) -> Result<(), connection::Error> {
        // What is not reported is not known to the server.
        let is = |name: &str, wanted: &[u8]| {
            let value = link.connection.parameters().get(name);
            value.is_none_or(|value| value.as_bytes().split(|byte| *byte == b',').next() == Some(wanted))
        };
        let mut commands = Vec::new();
        if !is("client_encoding", b"UTF8") {
            commands.push("SET client_encoding TO 'UTF8'");
        }
        if self.compat == Compat::Mended {
            // `ISO, DMY`: the order of what is read stays as it is.
            if !is("DateStyle", b"ISO") {
                commands.push("SET datestyle TO ISO");
            }
            if !is("IntervalStyle", b"postgres") {
                commands.push("SET intervalstyle TO postgres");
            }
        }
        for command in commands {
            // A server that does not know a parameter has no such values.
            if let connection::Head::Failed(_) = link.command(command, time).await? {
                link.state.message.clear();
            }
        }
        Ok(())
    }
}

fn password_required(missing: MissingPassword, local_version: u32) -> Error {
    Error::PasswordRequired {
        missing,
        old: local_version < GSSAPI_VERSION,
    }
}

/// That there is no such connection.
pub(super) fn not_available(name: Name<'_>) -> Error {
    Error::NotAvailable {
        name: match name {
            Name::Unnamed => None,
            Name::Named(name) => Some(name.to_owned()),
        },
    }
}
