//! `dblink listen`.

use std::time::{Duration, SystemTime};

use dblink_engine::connection::{self, Connection};
use dblink_engine::conninfo::Config;
use dblink_engine::libpq_text::closed_text;
use dblink_engine::net::ConnectError;
use dblink_engine::protocol::conversation::Notification;
use dblink_engine::sqlgen::quote_ident;
use serde_json::json;
use tokio::time::{Instant, sleep, timeout_at};

use crate::destination::{Prompt, dial, resolve, tell_notices};
use crate::failure::Failure;
use crate::interrupt::unless_interrupted;
use crate::listing;
use crate::output::Sink;
use crate::time_limit::duration;

/// How long to wait before a server that was not there is tried again: at first, and at most.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Print the notifications of channels as they come
///
/// Each is a line: the time at which it came (UTC), the channel, the process that sent it, and the payload, with tabs in
/// between. Control characters of a payload are printed as \xHH.
///
/// If the connection is lost, it is made again, and that is told on the standard error output: what was sent in between is
/// lost. It ends with --for, with --count, or with Ctrl-C and the exit code 130.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where to connect to
    pub(crate) conn: String,
    /// The channels to listen on, their letters in the case they have
    #[arg(required = true, value_name = "CHANNEL")]
    pub(crate) channels: Vec<String>,
    /// Stop after this time, such as 90s or 1m30s
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    pub(crate) for_: Option<Duration>,
    /// Stop after so many notifications
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) count: Option<u64>,
    /// How notifications are printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// How a notification is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// Time, channel, process and payload, with tabs in between
    Text,
    /// A JSON object a line: time, channel, pid, payload
    Jsonl,
}

/// Runs it.
pub(crate) async fn run(args: Args) -> Result<(), Failure> {
    let statement = statement(&args.channels)?;
    let mut config = resolve(&args.conn)?;
    let mut sink = Sink::stdout()?;
    unless_interrupted(async {
        let mut connection = dial(&mut config, Prompt::Sole).await?;
        let listened = connection.batch_execute(&statement).await;
        listened.map_err(|error| Failure::connection(&error, Some(&statement)))?;
        listing::remark(format_args!(
            "listening on {}",
            listing::shown(args.channels.join(", ").as_bytes())
        ));
        let work = listen(connection, &config, &statement, &args, &mut sink);
        // A time that no clock can tell is one without an end.
        match args.for_.and_then(|time| Instant::now().checked_add(time)) {
            Some(end) => timeout_at(end, work).await.unwrap_or(Ok(()))?,
            None => work.await?,
        }
        sink.finish().await
    })
    .await
}

/// LISTEN on all of them.
fn statement(channels: &[String]) -> Result<String, Failure> {
    let statements = channels.iter().map(|channel| {
        if channel.is_empty() {
            return Err(Failure::Usage("a channel's name cannot be empty".to_owned()));
        }
        let name = quote_ident(channel).map_err(|error| Failure::Usage(error.to_string()))?;
        Ok(format!("LISTEN {name}"))
    });
    Ok(statements.collect::<Result<Vec<_>, _>>()?.join("; "))
}

/// Prints notifications, over as many connections as it takes.
async fn listen(
    mut connection: Connection,
    config: &Config,
    statement: &str,
    args: &Args,
    sink: &mut Sink,
) -> Result<(), Failure> {
    let mut left = args.count;
    loop {
        let waited = tokio::select! {
            biased;
            waited = connection.wait_for_notification(None) => waited,
            failure = sink.failed() => return Err(failure),
        };
        match waited {
            Ok(Some(notification)) => {
                sink.buffer()
                    .extend_from_slice(line(&notification, args.format).as_bytes());
                sink.flush().await?;
                if let Some(left) = &mut left {
                    *left = left.saturating_sub(1);
                    if *left == 0 {
                        drop(connection.close().await);
                        return Ok(());
                    }
                }
            }
            // It waits for as long as it takes.
            Ok(None) => {}
            Err(error) => {
                listing::remark(format_args!(
                    "the connection is lost, and made again: {}",
                    reason(&error)
                ));
                connection = connect_again(config, statement).await?;
                listing::remark("connected again: notifications that were sent in between are lost");
            }
        }
    }
}

/// Connects and listens as soon as the server lets us.
async fn connect_again(config: &Config, statement: &str) -> Result<Connection, Failure> {
    let mut wait = FIRST_WAIT;
    loop {
        match Connection::connect(config).await {
            Ok(mut connection) => {
                tell_notices(&mut connection);
                // The server may go down again, or still be a standby.
                if connection.batch_execute(statement).await.is_ok() {
                    return Ok(connection);
                }
            }
            Err(error) if is_final(&error) => return Err(error.into()),
            Err(_) => {}
        }
        sleep(wait).await;
        wait = wait.saturating_mul(2).min(LONGEST_WAIT);
    }
}

/// Whether the server does not want us any more: the user, the password or the database.
fn is_final(error: &ConnectError) -> bool {
    let sqlstate = error.sqlstate();
    sqlstate.as_str().starts_with("28") || sqlstate.as_str() == "3D000"
}

fn reason(error: &connection::Error) -> String {
    match error {
        connection::Error::Closed(closed) => closed_text(closed),
        error => error.to_string(),
    }
}

fn line(notification: &Notification, format: Format) -> String {
    let time = humantime::format_rfc3339_micros(SystemTime::now());
    let channel = notification.channel.to_string();
    let (pid, payload) = (notification.process_id, notification.payload.to_string());
    match format {
        Format::Text => format!(
            "{time}\t{}\t{pid}\t{}\n",
            listing::shown(channel.as_bytes()),
            listing::shown(payload.as_bytes())
        ),
        Format::Jsonl => format!(
            "{{\"time\": \"{time}\", \"channel\": {}, \"pid\": {pid}, \"payload\": {}}}\n",
            json!(channel),
            json!(payload)
        ),
    }
}
