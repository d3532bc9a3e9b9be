//! The local connection: where it leads, and how another one takes its place.
//!
//! PostgreSQL manual: [psql, `\connect`](https://www.postgresql.org/docs/current/app-psql.html#APP-PSQL-META-COMMAND-CONNECT).

use std::net::IpAddr;

use dblink_engine::connection::Connection;
use dblink_engine::conninfo::{Conninfo, Keyword, Setting, Source};

use super::run::Shell;
use crate::destination;
use crate::failure::Failure;

/// Where the local connection leads.
#[derive(Debug)]
pub(crate) struct Local {
    /// What leads there, with a password that was asked for.
    conninfo: Conninfo,
    database: String,
    user: String,
    /// As [`Connection::host`], [`Connection::hostaddr`] and [`Connection::port`].
    host: String,
    hostaddr: Option<IpAddr>,
    port: u16,
}

impl Local {
    /// Connects to where this CONN leads.
    pub(crate) async fn connect(conn: &str) -> Result<(Self, Connection), Failure> {
        Self::open(destination::parse(conn)?, conn).await
    }

    /// Connects with these options. `conn` is what they were read from.
    async fn open(mut conninfo: Conninfo, conn: &str) -> Result<(Self, Connection), Failure> {
        let mut config = destination::complete(&conninfo, conn)?;
        let connection = destination::connect_to(&mut config).await?;
        let mut passwords = config.hosts.iter().filter_map(|host| host.password.as_ref());
        if let Some(asked) = passwords.find(|password| password.source == Source::Builder) {
            conninfo = conninfo.password(asked.secret.clone());
        }
        let local = Self {
            conninfo,
            database: config.dbname,
            user: config.user,
            host: connection.host().unwrap_or_default().to_owned(),
            hostaddr: connection.hostaddr(),
            port: connection.port().unwrap_or_default(),
        };
        Ok((local, connection))
    }

    pub(crate) fn database(&self) -> &str {
        &self.database
    }

    /// Where we are, in psql's words.
    pub(crate) fn told(&self) -> String {
        format!("You are connected to {} {}.", self.who(), self.place())
    }

    /// That we are there now, in psql's words; the host and the port if they were others before.
    fn told_anew(&self, before: Option<&Self>) -> String {
        let who = self.who();
        match before {
            Some(before) if before.host == self.host && before.port == self.port => {
                format!("You are now connected to {who}.")
            }
            _ => format!("You are now connected to {who} {}.", self.place()),
        }
    }

    fn who(&self) -> String {
        format!("database \"{}\" as user \"{}\"", self.database, self.user)
    }

    fn place(&self) -> String {
        let Self { host, port, .. } = self;
        match self.hostaddr.map(|address| address.to_string()) {
            None => format!("via socket in \"{host}\" at port \"{port}\""),
            // The folder of a socket may be given with an address, and is then its name.
            Some(address) if host.starts_with(['/', '@']) => {
                format!("on address \"{address}\" at port \"{port}\"")
            }
            Some(address) if address != *host => {
                format!("on host \"{host}\" (address \"{address}\") at port \"{port}\"")
            }
            Some(_) => format!("on host \"{host}\" at port \"{port}\""),
        }
    }

    /// The variables that tell where we are.
    fn variables(&self, connection: &Connection) -> [(&'static str, String); 6] {
        let version = parameter(connection, "server_version").unwrap_or_default();
        let number = server_version_number(&version).unwrap_or_default();
        [
            ("DBNAME", self.database.clone()),
            ("USER", self.user.clone()),
            ("HOST", self.host.clone()),
            ("PORT", self.port.to_string()),
            ("SERVER_VERSION_NAME", version),
            ("SERVER_VERSION_NUM", number.to_string()),
        ]
    }

    /// Options that lead where these do, and else to the same place.
    fn other(&self, options: Conninfo) -> Conninfo {
        let given = |keyword| options.get(keyword).map(Setting::expose);
        let is_new = |keyword, now: &str| given(keyword).is_some_and(|given| given != now.as_bytes());
        let port = self.port.to_string();
        let mut base = self.conninfo.clone();
        if is_new(Keyword::Host, &self.host)
            || is_new(Keyword::User, &self.user)
            || is_new(Keyword::Port, &port)
        {
            // It is this user's here.
            base = base.unset(Keyword::Password);
        }
        let hosts = given(Keyword::Host);
        if hosts.is_some() && hosts != base.get(Keyword::Host).map(Setting::expose) {
            // Of several hosts each may have an address and a port of its own.
            base = base.unset(Keyword::Hostaddr).port(port);
        }
        base.overridden_by(options)
    }
}

/// What the server has reported of one of its parameters.
fn parameter(connection: &Connection, name: &str) -> Option<String> {
    connection.parameters().get(name).map(|value| value.to_string())
}

/// The number of a server's version, such as 150018 for 15.18; of one without such a name none.
///
/// PostgreSQL manual: [`PQserverVersion`](https://www.postgresql.org/docs/current/libpq-status.html#LIBPQ-PQSERVERVERSION).
fn server_version_number(version: &str) -> Option<u32> {
    let length = version.find(|c: char| !c.is_ascii_digit() && c != '.');
    let numbers = version.get(..length.unwrap_or(version.len()))?;
    let mut numbers = numbers.split('.').map(|number| number.parse::<u32>().ok());
    let major = numbers.next()??;
    let mut next = || numbers.next().flatten().unwrap_or(0);
    let minor = if major < 10 {
        next().checked_mul(100)?.checked_add(next())?
    } else {
        next()
    };
    major.checked_mul(10_000)?.checked_add(minor)
}

impl Shell {
    /// Sets the variables that tell where we are.
    pub(crate) fn tell_place(&mut self) {
        let (Some(local), Some(connection)) = (&self.local, self.interpreter.local()) else {
            return;
        };
        for (name, value) in local.variables(connection) {
            // These names are names.
            let _ = self.console.variables.set(name, &value);
        }
    }

    /// Does as the local server's parameters say, which any statement may change.
    pub(crate) fn keep_up(&mut self) {
        let Some(local) = self.interpreter.local() else {
            return;
        };
        let strings = parameter(local, "standard_conforming_strings");
        self.console.standard_conforming_strings = strings.as_deref() != Some("off");
        if let Some(encoding) = parameter(local, "client_encoding")
            && self.console.variables.get("ENCODING") != Some(&encoding)
        {
            let _ = self.console.variables.set("ENCODING", &encoding);
        }
    }

    /// Connects the local side to where a CONN leads; with `reuse`, what it does not say is as it was. Whether that has gone well;
    /// what has not is told.
    pub(crate) async fn connect_local(&mut self, conn: &str, reuse: bool) -> Result<bool, Failure> {
        let options = match destination::parse(conn) {
            Ok(options) => options,
            Err(failure) => return self.not_connected("", failure),
        };
        self.connect_other(options, conn, reuse).await
    }

    /// The same with these options, which were read from `conn`.
    pub(crate) async fn connect_other(
        &mut self,
        options: Conninfo,
        conn: &str,
        reuse: bool,
    ) -> Result<bool, Failure> {
        let conninfo = match &self.local {
            Some(local) if reuse => local.other(options),
            _ => destination::parse("")?.overridden_by(options),
        };
        match Local::open(conninfo, conn).await {
            Ok((local, connection)) => {
                let told = local.told_anew(self.local.as_ref());
                self.local = Some(local);
                self.interpreter.begin(connection).await;
                self.tell_place();
                self.console.tell(&told)?;
                Ok(true)
            }
            Err(failure) => self.not_connected("\\connect: ", failure),
        }
    }

    fn not_connected(&mut self, before: &str, failure: Failure) -> Result<bool, Failure> {
        let failure = match failure {
            // A profile that cannot be read is no reason to lose the connections, either.
            Failure::NoConnection(text) | Failure::Usage(text) => {
                self.console.voice.error(format_args!("{before}{text}"));
                Failure::Told(2)
            }
            Failure::Interrupted => failure,
            _ => return Err(failure),
        };
        if !self.console.interactive {
            // What follows is meant for the other database.
            return Err(failure);
        }
        self.console.voice.info("Previous connection kept");
        Ok(false)
    }

    /// The local connection is lost: connects anew if somebody is there, and ends if not.
    pub(crate) async fn reset_local(&mut self) -> Result<(), Failure> {
        if !self.console.interactive {
            self.console.voice.error("connection to server was lost");
            return Err(Failure::Told(2));
        }
        let Some(local) = &self.local else {
            return Ok(());
        };
        let told = "The connection to the server was lost. Attempting reset: ";
        match Local::open(local.conninfo.clone(), "").await {
            Ok((local, connection)) => {
                self.local = Some(local);
                self.interpreter.begin(connection).await;
                self.console.voice.bare(format!("{told}Succeeded."));
            }
            Err(failure) => {
                self.console.voice.bare(format!("{told}Failed."));
                if let Failure::NoConnection(text) = failure {
                    self.console.voice.bare(text);
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What another connection is made from, after one with `now`, which led to the second of two hosts.
    fn other(now: &str, options: &str) -> String {
        let local = Local {
            conninfo: Conninfo::parse(now).unwrap(),
            database: "d".to_owned(),
            user: "u".to_owned(),
            host: "b".to_owned(),
            hostaddr: None,
            port: 2,
        };
        let other = local.other(Conninfo::parse(options).unwrap());
        let settings = other.iter().map(|setting| {
            format!(
                "{}={}",
                setting.keyword().name(),
                String::from_utf8_lossy(setting.expose())
            )
        });
        settings.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_is_not_given_is_as_it_was() {
        let two = "dbname=d user=u password=p host=a,b hostaddr=::1,::2 port=1,2 sslmode=disable";
        for (options, expected) in [
            (
                "",
                "user=u password=p dbname=d host=a,b hostaddr=::1,::2 port=1,2 sslmode=disable",
            ),
            (
                "dbname=e",
                "user=u password=p dbname=e host=a,b hostaddr=::1,::2 port=1,2 sslmode=disable",
            ),
            (
                "user=u host=b",
                "user=u password=p dbname=d host=b port=2 sslmode=disable",
            ),
            (
                "host=a,b",
                "user=u dbname=d host=a,b hostaddr=::1,::2 port=1,2 sslmode=disable",
            ),
            // A password is its user's, at its server.
            (
                "user=v",
                "user=v dbname=d host=a,b hostaddr=::1,::2 port=1,2 sslmode=disable",
            ),
            ("host=c", "user=u dbname=d host=c port=2 sslmode=disable"),
            ("host=b port=3", "user=u dbname=d host=b port=3 sslmode=disable"),
            (
                "user=v password=q",
                "user=v password=q dbname=d host=a,b hostaddr=::1,::2 port=1,2 sslmode=disable",
            ),
        ] {
            let options_of = |text: &str| {
                let mut options: Vec<_> = text.split(' ').map(str::to_owned).collect();
                options.sort();
                options
            };
            assert_eq!(
                options_of(&other(two, options)),
                options_of(expected),
                "{options}"
            );
        }
    }

    #[test]
    fn a_version_has_a_number() {
        for (version, number) in [
            ("15.18 (Debian 15.18-0+deb12u1)", Some(150_018)),
            ("18beta1", Some(180_000)),
            ("9.6.24", Some(90_624)),
            ("99999999999.1", None),
            ("4000000000.1", None),
            ("", None),
        ] {
            assert_eq!(server_version_number(version), number, "{version}");
        }
    }
}
