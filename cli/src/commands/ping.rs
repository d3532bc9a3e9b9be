//! `dblink ping`.

use std::time::{Duration, Instant};

use dblink_engine::SqlState;
use dblink_engine::connection::{Connection, OpenError};
use dblink_engine::conninfo::Config;
use dblink_engine::net::{AttemptError, ConnectError, Place};
use dblink_engine::protocol::handshake::HandshakeError;

use crate::destination::{place, resolve, wants_password};
use crate::failure::{Failure, Report};
use crate::interrupt::until_ctrl_c;
use crate::listing;
use crate::time_limit::duration;

/// Tell whether a server takes connections, and how fast it answers
///
/// Prints the server's version, whether it is a standby, whether the connection is encrypted, how long it took to connect, and
/// how long a round trip takes. A password that is not there is not asked for.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Exit codes: 0 it takes connections; 1 it takes connections but refused this one, or it does not take \
    any now; 2 it does not answer, or wrong usage."
)]
pub(crate) struct Args {
    /// Where to connect to
    pub(crate) conn: String,
    /// How long connecting may take, and each answer after that
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = duration)]
    pub(crate) timeout: Duration,
}

/// Runs it.
pub(crate) async fn run(args: Args) -> Result<(), Failure> {
    let config = resolve(&args.conn)?;
    let started = Instant::now();
    until_ctrl_c(&[], async {
        match Connection::connect_within(&config, args.timeout).await {
            Ok(connection) => {
                let took = started.elapsed();
                let text = look(connection, &config, args.timeout, took).await?;
                listing::write(&text)
            }
            Err(error) => refused(&error),
        }
    })
    .await
}

/// What there is to be told of a server that has let us in.
async fn look(
    mut connection: Connection,
    config: &Config,
    timeout: Duration,
    took: Duration,
) -> Result<String, Failure> {
    connection.set_deadline(Some(timeout));
    let failed = |error| Failure::connection(&error, None);
    let asked = Instant::now();
    connection.ping().await.map_err(failed)?;
    let round_trip = asked.elapsed();
    let address = connection.server_address().unwrap_or_default();
    let name = match config.hosts.as_slice() {
        [host] => place(host),
        _ => address.clone(),
    };
    let version = connection
        .parameters()
        .get("server_version")
        .map(|version| version.to_string());
    let role = if is_standby(&mut connection).await {
        "standby"
    } else {
        "primary"
    };
    let encryption = match connection.tls() {
        Some(tls) => format!("{}, {}", tls.version, tls.cipher_suite),
        None => "none".to_owned(),
    };
    // It has told all that we want to know.
    drop(connection.close().await);
    let text = format!(
        "{name} - accepting connections\n\
         address:     {address}\n\
         server:      PostgreSQL {}, {role}\n\
         encryption:  {encryption}\n\
         connecting:  {}\n\
         round trip:  {}\n",
        version.as_deref().unwrap_or("of unknown version"),
        milliseconds(took),
        milliseconds(round_trip),
    );
    Ok(text
        .lines()
        .map(|line| listing::shown(line.as_bytes()) + "\n")
        .collect())
}

/// Servers before 14 do not report it, and are asked. What is no server of PostgreSQL's own may not know.
async fn is_standby(connection: &mut Connection) -> bool {
    if let Some(standby) = connection.parameters().get("in_hot_standby") {
        return standby == "on";
    }
    match connection
        .query_one("SELECT pg_catalog.pg_is_in_recovery()", &[])
        .await
    {
        Ok(row) => row.get(0).unwrap_or(false),
        Err(_) => false,
    }
}

fn milliseconds(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1000.0)
}

/// What a server says that has not let us in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Answer {
    None,
    /// It starts, stops or recovers.
    Rejecting,
    Accepting,
}

impl Answer {
    const fn text(self) -> &'static str {
        match self {
            Self::None => "no response",
            Self::Rejecting => "rejecting connections",
            Self::Accepting => "accepting connections",
        }
    }
}

/// Tells of each address, and why there is no connection.
fn refused(error: &ConnectError) -> Result<(), Failure> {
    let mut best = Answer::None;
    let mut text = String::new();
    for attempt in &error.attempts {
        let answer = answer(&attempt.cause);
        best = best.max(answer);
        let line = format!("{} - {}", sought(&attempt.place), answer.text());
        text.push_str(&listing::shown(line.as_bytes()));
        text.push('\n');
    }
    listing::write(&text)?;
    if wants_password(error) {
        return listing::write("The server wants a password, so no more is known of it.\n");
    }
    let text = dblink_engine::libpq_text::connect_text(error);
    Err(match best {
        Answer::None => Failure::NoConnection(text),
        Answer::Rejecting | Answer::Accepting => Failure::Server(Report {
            message: text,
            ..Report::default()
        }),
    })
}

/// What an attempt tells of its server: as `PQping` judges it.
///
/// PostgreSQL manual: [PQping](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PQPING).
fn answer(cause: &AttemptError) -> Answer {
    match cause {
        AttemptError::SessionAttrs(_) | AttemptError::SessionQuery { .. } => Answer::Accepting,
        AttemptError::Open(OpenError::TokenRefused { .. }) => Answer::Accepting,
        AttemptError::Open(OpenError::Handshake(error)) => match error {
            HandshakeError::Refused(diagnostic)
                if diagnostic.sqlstate() == Some(SqlState::CANNOT_CONNECT_NOW) =>
            {
                Answer::Rejecting
            }
            HandshakeError::Refused(_) | HandshakeError::Authentication(_) => Answer::Accepting,
            _ => Answer::None,
        },
        _ => Answer::None,
    }
}

/// As pg_isready writes it.
fn sought(place: &Place) -> String {
    match place {
        Place::Host { host } => host.clone(),
        Place::Tcp { host, port, .. } => format!("{host}:{port}"),
        Place::Unix { path } => path.replacen("/.s.PGSQL.", ":", 1),
    }
}
