//! CONN: where a command connects to.

use std::io::{IsTerminal as _, Write as _};

use dblink_engine::connection::{Connection, OpenError};
use dblink_engine::conninfo::{Config, Conninfo, Keyword, ProcessEnvironment};
use dblink_engine::net::{AttemptError, ConnectError};
use dblink_protocol::Secret;
use dblink_protocol::auth::AuthError;
use dblink_protocol::handshake::HandshakeError;

use crate::failure::{Failure, Report};
use crate::interrupt::until_ctrl_c;
use crate::profile;

/// What CONN says: connection string, URI or `@profile`, with what the environment and files add.
///
/// # Errors
///
/// [`Failure::NoConnection`], with libpq's text, if it says nothing that can be connected to.
pub(crate) fn resolve(conn: &str) -> Result<Config, Failure> {
    Ok(parse(conn)?.resolve(&ProcessEnvironment)?)
}

/// The same, without the environment and files.
pub(crate) fn parse(conn: &str) -> Result<Conninfo, Failure> {
    let text = match conn.strip_prefix('@') {
        Some(name) => &profile::look_up(name)?,
        None => conn,
    };
    let mut conninfo = Conninfo::parse(text)?;
    if conninfo.get(Keyword::FallbackApplicationName).is_none() {
        conninfo = conninfo.set(Keyword::FallbackApplicationName, "dblink");
    }
    Ok(conninfo)
}

/// Connects to CONN. If the server wants a password and none is there, it is asked for on the terminal, once. What the server
/// notes goes to stderr.
///
/// # Errors
///
/// [`Failure::NoConnection`]; [`Failure::Interrupted`].
pub(crate) async fn connect(conn: &str) -> Result<Connection, Failure> {
    let mut config = resolve(conn)?;
    // What is typed and printed is UTF-8, whatever the database's encoding, unless another one is asked for.
    if !config
        .parameters
        .iter()
        .any(|(name, _)| name == "client_encoding")
    {
        config
            .parameters
            .push(("client_encoding".to_owned(), "UTF8".to_owned()));
    }
    let connecting = async {
        match Connection::connect(&config).await {
            Err(error) if wants_password(&error) && std::io::stdin().is_terminal() => {
                ask_password(&mut config).await?;
                Ok(Connection::connect(&config).await?)
            }
            done => Ok(done?),
        }
    };
    let mut connection = until_ctrl_c(&[], connecting).await?;
    connection.on_notice(|diagnostic| {
        let _ = writeln!(std::io::stderr(), "{}", Report::of(diagnostic, None));
    });
    Ok(connection)
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

/// Asks for the password of the configuration's user on the terminal, without echo.
async fn ask_password(config: &mut Config) -> Result<(), Failure> {
    let prompt = format!("Password for user {}: ", config.user);
    let asked = tokio::task::spawn_blocking(|| rpassword::prompt_password(prompt)).await;
    let password = match asked {
        Ok(Ok(password)) => Secret::from(password),
        Ok(Err(error)) => return Err(Failure::io("ask for the password", &error)),
        Err(error) => return Err(Failure::Usage(format!("could not ask for the password: {error}"))),
    };
    config.set_password_source(move |_| {
        let password = password.clone();
        async move { Ok(password) }
    });
    Ok(())
}
