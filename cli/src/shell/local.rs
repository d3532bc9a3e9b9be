//! The local connection: which it is, and how another one takes its place.

use dblink_engine::conninfo::{Conninfo, HostKind, Keyword};

use super::interpreter::Interpreter;
use super::run::Shell;
use crate::destination;
use crate::failure::Failure;

/// Where the local connection goes.
#[derive(Debug, Default)]
pub(crate) struct Local {
    /// As it was given; none without a local server.
    conn: Option<String>,
    database: Option<String>,
    user: Option<String>,
    place: String,
}

impl Local {
    /// What CONN says, in words.
    pub(crate) fn new(conn: Option<&str>) -> Result<Self, Failure> {
        let Some(conn) = conn else {
            return Ok(Self::default());
        };
        let config = destination::resolve(conn)?;
        let place = config.hosts.first().map(|host| {
            let port = host
                .port
                .as_ref()
                .map_or_else(ToString::to_string, ToString::to_string);
            let named = if host.host.is_empty() {
                &host.hostaddr
            } else {
                &host.host
            };
            match host.kind {
                HostKind::UnixSocket => format!("via socket in \"{named}\" at port \"{port}\""),
                _ => format!("on host \"{named}\" at port \"{port}\""),
            }
        });
        Ok(Self {
            conn: Some(conn.to_owned()),
            database: Some(config.dbname.clone()),
            user: Some(config.user.clone()),
            place: place.unwrap_or_default(),
        })
    }

    pub(crate) fn database(&self) -> Option<&str> {
        self.database.as_deref()
    }

    pub(crate) fn user(&self) -> &str {
        self.user.as_deref().unwrap_or_default()
    }

    /// Where we are.
    pub(crate) fn told(&self) -> String {
        match (&self.database, &self.user) {
            (Some(database), Some(user)) => {
                format!(
                    "You are connected to database \"{database}\" as user \"{user}\" {}.",
                    self.place
                )
            }
            _ => "You are currently not connected to a database.".to_owned(),
        }
    }

    /// Sets the variables that tell where we are.
    pub(crate) fn tell(&self, variables: &mut super::variables::Variables) {
        let values = [("DBNAME", &self.database), ("USER", &self.user)];
        for (name, value) in values {
            let _ = match value {
                Some(value) => variables.set(name, value),
                None => {
                    variables.unset(name);
                    Ok(())
                }
            };
        }
    }

    /// Whether the local server takes a backslash in a plain string as any character.
    pub(crate) fn standard_conforming_strings(&self, interpreter: &mut Interpreter) -> bool {
        let value = interpreter
            .local()
            .and_then(|local| Some(local.parameters().get("standard_conforming_strings")?.to_string()));
        value.as_deref() != Some("off")
    }
}

impl Shell {
    /// Connects the local side to another database. Whether that has gone well; what has not is told.
    pub(crate) async fn connect_local(&mut self, to: &str) -> Result<bool, Failure> {
        let connecting = async {
            let conn = self.conn_of(to)?;
            let local = Local::new(Some(&conn))?;
            Ok((local, destination::connect(&conn).await?))
        };
        match connecting.await {
            Ok((local, connection)) => {
                self.local = local;
                self.local.tell(&mut self.console.variables);
                if let Some(old) = self.interpreter.set_local(Some(connection)) {
                    // One that is gone needs no goodbye.
                    let _ = old.close().await;
                }
                Ok(true)
            }
            // A profile that cannot be read is no reason to lose the connections, either.
            Err(Failure::NoConnection(text) | Failure::Usage(text)) => {
                self.console.voice.error(format_args!("\\connect: {text}"));
                if !self.console.interactive {
                    // What follows is meant for the other database.
                    return Err(Failure::Told(2));
                }
                self.console.voice.info("Previous connection kept");
                Ok(false)
            }
            Err(failure) => Err(failure),
        }
    }

    /// What `to` means: a CONN, or a database of the same server.
    fn conn_of(&self, to: &str) -> Result<String, Failure> {
        let is_conn = to.starts_with('@') || to.contains('=') || to.contains("://");
        if is_conn {
            return Ok(to.to_owned());
        }
        let now = self.local.conn.as_deref().map(destination::parse).transpose()?;
        let conninfo: Conninfo = now.unwrap_or_default().set(Keyword::Dbname, to);
        let settings = conninfo.iter().map(|setting| {
            let value = String::from_utf8_lossy(setting.expose()).into_owned();
            let value = value.replace('\\', "\\\\").replace('\'', "\\'");
            format!("{}='{value}'", setting.keyword().name())
        });
        Ok(settings.collect::<Vec<_>>().join(" "))
    }

    /// The local connection is lost: connects anew if somebody is there, and ends if not.
    pub(crate) async fn reset_local(&mut self) -> Result<(), Failure> {
        if !self.console.interactive {
            self.console.voice.error("connection to server was lost");
            return Err(Failure::Told(2));
        }
        let Some(conn) = self.local.conn.clone() else {
            return Ok(());
        };
        let told = "The connection to the server was lost. Attempting reset: ";
        match destination::connect(&conn).await {
            Ok(connection) => {
                self.interpreter.set_local(Some(connection));
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
