//! `dblink query`.

use std::path::PathBuf;
use std::time::Duration;

use dblink_engine::connection::{Connection, Error, SimpleResult, SimpleResults};
use postgres_types::ToSql;
use tokio::time::Instant;

use crate::destination::{Prompt, force_utf8, resolve};
use crate::failure::Failure;
use crate::interrupt::{stop, unless_interrupted};
use crate::output::{Column, Format, Sink, Writer};
use crate::time_limit::{TimeLimit, duration, until};
use crate::{listing, statements};

/// How long the reader has to take what is there when the time of the query is over.
const AFTER: Duration = Duration::from_secs(1);

/// Run a query and print its rows
///
/// Rows are printed as they come. Of a statement that gives none, its tag, such as INSERT 0 1, goes to stderr. Several
/// statements, separated by semicolons, are one transaction, and the rows of each are printed; with --param only one statement
/// can be run.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where to connect to
    pub(crate) conn: String,
    /// The query; $1, $2, … are the values of --param
    pub(crate) sql: String,
    /// The value of the next parameter, $1 first; its type is what the server makes of it
    #[arg(short = 'p', long = "param", value_name = "VALUE", allow_hyphen_values = true)]
    pub(crate) params: Vec<String>,
    /// How rows are printed [default: table on a terminal, else csv]
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub(crate) format: Option<Format>,
    /// Cancel the query when it takes longer, connecting included, such as 90s or 1m30s
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) timeout: Option<Duration>,
    /// Write the rows to this file, which is there when all of them are, or not at all; - is the standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// Runs it.
pub(crate) async fn run(args: Args) -> Result<(), Failure> {
    let time = TimeLimit::start(args.timeout);
    // Without them a text of nothing gives nothing, as with psql.
    if !args.params.is_empty() {
        statements::some(&args.sql, "query")?;
    }
    statements::no_copy(&args.sql)?;
    // What cannot be written is better not asked for.
    let sink = Sink::open(args.output.as_deref())?;
    let format = Format::or_usual(args.format, &sink);
    let mut writer = Writer::new(format, sink);
    let mut config = resolve(&args.conn)?;
    if matches!(format, Format::Table | Format::Jsonl) {
        // They read what they print.
        force_utf8(&mut config);
    }
    // In here too, so that no half of a file is left.
    let mut connection = unless_interrupted(time.connect(&mut config, Prompt::Sole)).await?;
    let printed = unless_interrupted(print(&mut connection, &args, time, &mut writer)).await;
    match printed {
        Ok(()) => {
            // The rows are not held back by a server that is slow to let go.
            let end = async { tokio::join!(connection.close(), finish(writer, time)).1 };
            unless_interrupted(end).await
        }
        Err(failure) => {
            stop(&mut connection).await;
            Err(failure)
        }
    }
}

/// Waits until all is written; for somebody to read it, as long as the time lasts.
async fn finish(mut writer: Writer, time: TimeLimit) -> Result<(), Failure> {
    match time.during(writer.opened()).await {
        Some(()) => writer.finish().await,
        None => Err(writer.unread(time.limit())),
    }
}

/// Runs the query, and hands its rows over to be written.
async fn print(
    connection: &mut Connection,
    args: &Args,
    time: TimeLimit,
    writer: &mut Writer,
) -> Result<(), Failure> {
    connection.set_deadline(time.left());
    let failed = |error: &Error| time.failure(error, &args.sql);
    let mut results = send(connection, &args.sql, &args.params)
        .await
        .map_err(|error| failed(&error))?;
    // A statement that has begun to give rows.
    let mut inside = false;
    loop {
        match writer.next(results.next()).await? {
            Ok(Some(SimpleResult::Rows(rows))) => {
                for row in rows.iter() {
                    writer.row(row.values());
                }
                // The reader may not take so many rows in that time.
                let passed_on = time.during(writer.pass_on()).await;
                passed_on.unwrap_or_else(|| Err(failed(&time.passed())))?;
            }
            Ok(Some(SimpleResult::Columns(columns))) => {
                writer.begin(Column::all(&columns));
                inside = true;
            }
            Ok(Some(SimpleResult::Completed(_))) if std::mem::take(&mut inside) => writer.end(),
            Ok(Some(SimpleResult::Completed(completed))) => {
                listing::tell(completed.as_wire_str());
            }
            Ok(Some(_)) => {}
            Ok(None) => return Ok(()),
            Err(error) => {
                // The rows before it are shown, and why there are no more.
                let late = matches!(error, Error::Deadline { .. }).then(|| Instant::now() + AFTER);
                // That they cannot be written is told less urgently.
                if time.during(writer.opened()).await.is_some() {
                    let _ = until(late, writer.give_up()).await;
                }
                return Err(failed(&error));
            }
        }
    }
}

/// Sends the query: alone it may be several statements; values go with one.
pub(super) async fn send<'c>(
    connection: &'c mut Connection,
    sql: &str,
    params: &[String],
) -> Result<SimpleResults<'c>, Error> {
    if params.is_empty() {
        return connection.simple_query(sql).await;
    }
    let params: Vec<_> = params.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
    connection.query_text(sql, &params).await
}
