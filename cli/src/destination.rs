//! CONN: where a command connects to.

use dblink_engine::connection::{Connection, OpenError};
use dblink_engine::conninfo::{
    Config, Conninfo, HostSpec, Keyword, ParseError, Password, ProcessEnvironment, ResolveError, Source,
};
use dblink_engine::net::{AttemptError, ConnectError};
use dblink_protocol::Secret;
use dblink_protocol::auth::AuthError;
use dblink_protocol::handshake::HandshakeError;

use crate::failure::{Failure, Report};
use crate::interrupt::until_ctrl_c;
use crate::password::Terminal;
use crate::{listing, profile};

/// What CONN says: connection string, URI or `@profile`, with what the environment and files add.
///
/// # Errors
///
/// [`Failure::NoConnection`], with libpq's text, if it says nothing that can be connected to.
pub(crate) fn resolve(conn: &str) -> Result<Config, Failure> {
    config(&parse(conn)?, conn)
}

/// The same, where the options are read. `conn` is what they were read from.
pub(crate) fn config(conninfo: &Conninfo, conn: &str) -> Result<Config, Failure> {
    let resolved = conninfo.resolve(&ProcessEnvironment);
    resolved.map_err(|error| without_password(error, conn).into())
}

/// The error without what may be the beginning of a password. A slash in that should have been encoded: what is before it is
/// taken for a port.
fn without_password(error: ResolveError, conn: &str) -> ResolveError {
    let is_cut = |uri: &str| uri.contains('@') && uri.find(['@', '/']) == uri.find('/');
    match error {
        ResolveError::InvalidInteger { keyword, .. }
            if keyword == Keyword::Port.name()
                && conn.split_once("://").is_some_and(|(_, uri)| is_cut(uri)) =>
        {
            ResolveError::InvalidInteger {
                keyword,
                value: "***".to_owned(),
            }
        }
        error => error,
    }
}

/// The same, without the environment and files.
///
/// # Errors
///
/// [`Failure::NoConnection`] if it cannot be read, or there is no such profile.
pub(crate) fn parse(conn: &str) -> Result<Conninfo, Failure> {
    let conninfo = match conn.strip_prefix('@') {
        Some(name) => profile::look_up(name)?,
        None => Conninfo::parse(conn).map_err(|error| hinted(error, conn))?,
    };
    Ok(named(conninfo))
}

/// The options with the name of the program, for those who look at who is connected.
pub(crate) fn named(conninfo: Conninfo) -> Conninfo {
    if conninfo.get(Keyword::FallbackApplicationName).is_some() {
        return conninfo;
    }
    conninfo.set(Keyword::FallbackApplicationName, "dblink")
}

/// Why a CONN cannot be read. If it is a mere name, that is told which it may be of.
fn hinted(error: ParseError, conn: &str) -> Failure {
    let is_name = conn
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    match error {
        ParseError::MissingEquals(_) if is_name => Failure::NoConnection(format!(
            "{error}\nHINT:  A database is dbname={conn}, a service is service={conn}, and a profile is @{conn}."
        )),
        error => error.into(),
    }
}

/// Connects to the one CONN of a command that needs UTF-8, whatever encoding is asked for. If the server wants a password and none
/// is there, it is asked for on the terminal, once. What the server notes goes to stderr.
///
/// # Errors
///
/// [`Failure::NoConnection`]; [`Failure::Interrupted`].
pub(crate) async fn connect_in_utf8(conn: &str) -> Result<Connection, Failure> {
    let mut config = resolve(conn)?;
    force_utf8(&mut config);
    connect_to(&mut config).await
}

/// The same in any encoding, where it is known what CONN says. A password that was asked for is then in the configuration.
pub(crate) async fn connect_to(config: &mut Config) -> Result<Connection, Failure> {
    until_ctrl_c(&[], dial(config, Prompt::Sole)).await
}

/// The same, for those who look after Ctrl-C themselves.
pub(crate) async fn dial(config: &mut Config, prompt: Prompt) -> Result<Connection, Failure> {
    for warning in &config.warnings {
        listing::remark(format_args!("warning: {warning}"));
    }
    speak_utf8(config);
    let mut connection = match Connection::connect(config).await {
        Err(error) if wants_password(&error) => {
            // Without a terminal the error says what is missing.
            let terminal = Terminal::open().ok_or(error)?;
            let password = terminal.ask(&prompt.text(config)).await?;
            keep(config, &password);
            Connection::connect(config).await?
        }
        done => done?,
    };
    for warning in connection.tls_warnings() {
        listing::remark(format_args!("warning: {warning}"));
    }
    tell_notices(&mut connection);
    Ok(connection)
}

/// What is typed and printed is UTF-8, whatever the database's encoding, unless another one is asked for.
pub(crate) fn speak_utf8(config: &mut Config) {
    let parameters = &mut config.parameters;
    if !parameters.iter().any(|(name, _)| name == "client_encoding") {
        parameters.push(("client_encoding".to_owned(), "UTF8".to_owned()));
    }
}

/// What is typed and printed is UTF-8, whatever is asked for.
pub(crate) fn force_utf8(config: &mut Config) {
    config.parameters.retain(|(name, _)| name != "client_encoding");
    speak_utf8(config);
}

/// Has what the server notes told on stderr.
pub(crate) fn tell_notices(connection: &mut Connection) {
    connection.on_notice(|diagnostic| listing::tell(Report::of(diagnostic, None)));
}

/// How a password is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prompt {
    /// As psql does.
    Sole,
    /// With the hosts and the database.
    OneOfSeveral,
}

impl Prompt {
    fn text(self, config: &Config) -> String {
        let user = &config.user;
        let text = match self {
            Self::Sole => format!("Password for user {user}: "),
            Self::OneOfSeveral => {
                let hosts: Vec<_> = config.hosts.iter().map(place).collect();
                format!(
                    "Password for user {user} at {}/{}: ",
                    hosts.join(","),
                    config.dbname
                )
            }
        };
        // What came from elsewhere must not steer the terminal.
        text.replace(char::is_control, "?")
    }
}

/// Host and port, as pg_isready writes them.
pub(crate) fn place(host: &HostSpec) -> String {
    let name = host.name();
    match &host.port {
        Ok(port) => format!("{name}:{port}"),
        Err(_) => name.to_owned(),
    }
}

/// Whether a password is all that is missing.
pub(crate) fn wants_password(error: &ConnectError) -> bool {
    error.attempts.last().is_some_and(|attempt| {
        matches!(
            &attempt.cause,
            AttemptError::Open(OpenError::Handshake(HandshakeError::Authentication(
                AuthError::NoPassword
            )))
        )
    })
}

/// Has this password taken from now on.
fn keep(config: &mut Config, secret: &Secret) {
    for host in &mut config.hosts {
        host.password = Some(Password {
            secret: secret.clone(),
            source: Source::Builder,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_names_the_user_and_where_there_are_several_the_place() {
        let config = |text: &str| {
            Conninfo::parse(text)
                .unwrap()
                .resolve(&ProcessEnvironment)
                .unwrap()
        };
        let one = config("host=a,/tmp hostaddr=,1.2.3.4 port=1,2 user=scott dbname=sales");
        let other = config("hostaddr=::1 port=3 user='sc\x1bott' dbname=d");
        assert_eq!(Prompt::Sole.text(&one), "Password for user scott: ");
        assert_eq!(
            Prompt::OneOfSeveral.text(&one),
            "Password for user scott at a:1,/tmp:2/sales: "
        );
        assert_eq!(
            Prompt::OneOfSeveral.text(&other),
            "Password for user sc?ott at ::1:3/d: "
        );
    }
}
