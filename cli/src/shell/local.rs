//! The local connection: where it leads, and how another one takes its place.
//!
//! PostgreSQL manual: [psql, `\connect`](https://www.postgresql.org/docs/current/app-psql.html#APP-PSQL-META-COMMAND-CONNECT).

use std::net::IpAddr;

use dblink_engine::connection::Connection;
use dblink_engine::conninfo::{Conninfo, Keyword, ProcessEnvironment, Setting, Source};

use super::run::Shell;
use crate::destination;
use crate::failure::Failure;

/// Where the local connection leads.
#[derive(Debug)]
pub(crate) struct Local {
    /// All options that led there, also those of a service, with a password that was asked for.
    options: Conninfo,
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
    async fn open(conninfo: Conninfo, conn: &str) -> Result<(Self, Connection), Failure> {
        let mut config = destination::config(&conninfo, conn)?;
        let options = conninfo.complete(&ProcessEnvironment);
        let mut options = options.map_err(|error| Failure::NoConnection(error.to_string()))?;
        let connection = destination::connect_to(&mut config).await?;
        // What a service gives is given by now; another server is none of it.
        options = options.unset(Keyword::Service).unset(Keyword::Servicefile);
        options = options.dbname(&config.dbname).user(&config.user);
        let mut passwords = config.hosts.iter().filter_map(|host| host.password.as_ref());
        if let Some(asked) = passwords.find(|password| password.source == Source::Builder) {
            options = options.password(asked.secret.clone());
        }
        let local = Self {
            options,
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

    /// The values of the variables that tell where we are.
    fn place_values(&self, connection: &Connection) -> [String; 6] {
        let version = parameter(connection, "server_version").unwrap_or_default();
        let number = server_version_number(&version).unwrap_or_default();
        [
            self.database.clone(),
            self.user.clone(),
            self.host.clone(),
            self.port.to_string(),
            version,
            number.to_string(),
        ]
    }

    /// These options, and for the rest those that led here.
    fn other(&self, options: Conninfo) -> Conninfo {
        let is_new = |keyword| {
            let given = options.get(keyword).map(Setting::expose);
            given.is_some() && given != self.options.get(keyword).map(Setting::expose)
        };
        let mut base = self.options.clone();
        let whose = [Keyword::User, Keyword::Host, Keyword::Hostaddr, Keyword::Port];
        if whose.into_iter().any(is_new) {
            // It is this user's, at this server.
            base = base.unset(Keyword::Password);
        }
        if is_new(Keyword::Host) {
            // Of several hosts each may have an address and a port of its own.
            base = base.unset(Keyword::Hostaddr).port(self.port);
        }
        base.overridden_by(options)
    }
}

/// The variables that tell where we are.
const PLACE: [&str; 6] = [
    "DBNAME",
    "USER",
    "HOST",
    "PORT",
    "SERVER_VERSION_NAME",
    "SERVER_VERSION_NUM",
];

/// Whether a backslash in a plain string is a character as any other.
pub(crate) fn has_standard_strings(connection: &Connection) -> bool {
    parameter(connection, "standard_conforming_strings").as_deref() != Some("off")
}

/// What the server has reported of one of its parameters.
pub(crate) fn parameter(connection: &Connection, name: &str) -> Option<String> {
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
    pub(crate) fn set_place_variables(&mut self) {
        let (Some(local), Some(connection)) = (&self.local, self.interpreter.local()) else {
            return;
        };
        for (name, value) in PLACE.into_iter().zip(local.place_values(connection)) {
            // These names are names.
            let _ = self.console.variables.set(name, &value);
        }
    }

    /// Does as the local server's parameters say, which any statement may change.
    pub(crate) fn follow_parameters(&mut self) {
        let Some(local) = self.interpreter.local() else {
            return;
        };
        self.console.standard_conforming_strings = has_standard_strings(local);
        if let Some(encoding) = parameter(local, "client_encoding")
            && self.console.variables.get("ENCODING") != Some(&encoding)
        {
            let _ = self.console.variables.set("ENCODING", &encoding);
        }
    }

    /// Whether the local connection is there no more.
    pub(crate) fn is_lost(&mut self) -> bool {
        self.interpreter.local().is_some_and(|local| local.is_closed())
    }

    /// Connects the local side to where a CONN leads; with `reuse`, what it does not say is as it was. Whether that has gone well;
    /// what has not is told.
    pub(crate) async fn reconnect_by_conn(&mut self, conn: &str, reuse: bool) -> Result<bool, Failure> {
        match destination::parse(conn) {
            Ok(options) => {
                let options = self.options(options, reuse);
                self.reconnect(options, conn).await
            }
            Err(failure) => self.not_connected("", failure),
        }
    }

    /// The same for options that were given as words. An empty one is as if there had never been one.
    pub(crate) async fn reconnect_by_words(
        &mut self,
        words: &[(Keyword, String)],
        reuse: bool,
    ) -> Result<bool, Failure> {
        let given = words.iter().fold(Conninfo::new(), |options, (keyword, word)| {
            options.set(*keyword, word)
        });
        let empty = words.iter().filter(|(_, word)| word.is_empty());
        let options = empty.fold(self.options(given, reuse), |options, (keyword, _)| {
            options.unset(*keyword)
        });
        self.reconnect(options, "").await
    }

    /// These options, with `reuse` beside those that led to where we are.
    fn options(&self, given: Conninfo, reuse: bool) -> Conninfo {
        match &self.local {
            Some(local) if reuse => local.other(given),
            _ => destination::named(given),
        }
    }

    async fn reconnect(&mut self, options: Conninfo, conn: &str) -> Result<bool, Failure> {
        match Local::open(options, conn).await {
            Ok((local, connection)) => {
                let told = local.told_anew(self.local.as_ref());
                self.begin_session(local, connection).await;
                self.console.tell(&told)?;
                Ok(true)
            }
            Err(failure) => self.not_connected("\\connect: ", failure),
        }
    }

    /// From now on this is the local side.
    async fn begin_session(&mut self, local: Local, connection: Connection) {
        self.local = Some(local);
        self.interpreter.begin(connection).await;
        self.set_place_variables();
    }

    /// Tells why there is no other connection. `command` stands before that in a script.
    fn not_connected(&mut self, command: &str, failure: Failure) -> Result<bool, Failure> {
        let interactive = self.console.interactive;
        let failure = match failure {
            // A profile that cannot be read is no reason to lose the connections, either.
            Failure::NoConnection(text) | Failure::Usage(text) => {
                let command = if interactive { "" } else { command };
                self.console.voice.error(format_args!("{command}{text}"));
                Failure::Told(2)
            }
            Failure::Interrupted => failure,
            _ => return Err(failure),
        };
        if !interactive {
            // What follows is meant for the other database.
            return Err(failure);
        }
        if self.local.is_some() {
            self.console.voice.info("Previous connection kept");
        }
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
        match Local::open(local.options.clone(), "").await {
            Ok((local, connection)) => {
                self.begin_session(local, connection).await;
                self.console.voice.bare(format!("{told}Succeeded."));
            }
            Err(failure) => {
                for name in PLACE {
                    self.console.variables.unset(name);
                }
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

    /// What another connection is made from, after one that was made from `now`.
    fn other(now: &str, options: &str) -> String {
        let local = Local {
            options: Conninfo::parse(now).unwrap(),
            database: "d".to_owned(),
            user: "u".to_owned(),
            host: "b".to_owned(),
            hostaddr: None,
            port: 2,
        };
        let other = local.other(Conninfo::parse(options).unwrap());
        let settings = other.iter().map(|setting| {
            let value = String::from_utf8_lossy(setting.expose()).into_owned();
            format!("{}={value}", setting.keyword().name())
        });
        settings.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_is_not_given_is_as_it_was() {
        let now = "user=u password=p dbname=d host=a,b hostaddr=::1,::2 port=1,2 sslmode=disable";
        for (options, expected) in [
            ("", now),
            ("dbname=e", &now.replace("dbname=d", "dbname=e")),
            ("user=u host=a,b port=1,2", now),
            // A password is its user's, at its server.
            ("user=v", &now.replace("user=u password=p", "user=v")),
            (
                "hostaddr=::3,::2",
                &now.replace("password=p ", "").replace("::1", "::3"),
            ),
            ("port=3", &now.replace("password=p ", "").replace("1,2 ", "3 ")),
            (
                "user=v password=q",
                &now.replace("user=u password=p", "user=v password=q"),
            ),
            ("host=b", "user=u dbname=d host=b port=2 sslmode=disable"),
            ("host=c port=3", "user=u dbname=d host=c port=3 sslmode=disable"),
        ] {
            let sorted = |text: &str| {
                let mut options: Vec<_> = text.split(' ').map(str::to_owned).collect();
                options.sort();
                options
            };
            assert_eq!(sorted(&other(now, options)), sorted(expected), "{options}");
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
