//! `dblink copy`.

mod progress;

use std::io::{self, Write as _};
use std::time::Duration;

use dblink_engine::connection::{self, Connection};
use dblink_engine::transfer::{Side, TableName, Transfer, TransferError, Transferred};
use dblink_protocol::SqlState;

use crate::destination::{Prompt, resolve};
use crate::failure::Failure;
use crate::interrupt::{stop, unless_interrupted, until_ctrl_c};
use crate::listing::counted;
use crate::time_limit::{TimeLimit, duration};
use progress::Bar;

/// Copy a table or the rows of a query into a table elsewhere, all or nothing
///
/// Columns go by their names; those of a query by their places if the target has others. Rows travel by COPY, and the target
/// commits when all of them are there. How many they are is printed, and how long it took goes to stderr.
///
/// Exactly one of --table and --query says what is copied; --query needs --into, too.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("rows").args(["table", "query"]).required(true))]
pub(crate) struct Args {
    /// Where to copy from
    #[arg(long, value_name = "CONN")]
    pub(crate) from: String,
    /// The table to copy, as SQL names it: in lower case unless it is quoted
    #[arg(long)]
    pub(crate) table: Option<TableName>,
    /// The query whose rows to copy; needs --into
    #[arg(long, value_name = "SQL", requires = "into")]
    pub(crate) query: Option<String>,
    /// Where to copy to
    #[arg(long, value_name = "CONN")]
    pub(crate) to: String,
    /// The table to copy into [default: that of --table]
    #[arg(long, value_name = "TABLE")]
    pub(crate) into: Option<TableName>,
    /// Create the table, with the columns of what is copied, and NOT NULL and the primary key of --table
    ///
    /// Nothing else is created: no defaults, identity or generated columns (which are plain ones then), no CHECK, UNIQUE or foreign
    /// keys, no other indexes, no collations, triggers, partitions, privileges or comments.
    #[arg(long)]
    pub(crate) create: bool,
    /// Have both servers compute a checksum, and keep nothing if they differ; the target has to be empty
    ///
    /// A query is run again for that, on the same snapshot, and has to give the same rows.
    #[arg(long)]
    pub(crate) verify: bool,
    /// Cancel both sides when it takes longer, connecting included, and keep nothing; such as 90s or 1m30s
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) timeout: Option<Duration>,
}

/// What can be done if the source's bytes are not the target's text.
const NO_ENCODING: &str = "The source's encoding is SQL_ASCII, which says nothing of its bytes, and these are not UTF-8. \
    A target whose encoding is SQL_ASCII, too, takes them as they are; or convert them in a --query.";

/// What can be done if the table to be created is there.
const IS_THERE: &str =
    "Leave out --create to copy into the table that is there, or name another one by --into.";

/// What can be done if rows are there that were not copied.
const NOT_EMPTY: &str = "Empty the table, name another one by --into, or leave out --verify to add the rows to those that are there.";

/// Runs it.
pub(crate) async fn run(args: Args) -> Result<(), Failure> {
    let time = TimeLimit::start(args.timeout);
    let mut source = connect(&args.from, time)
        .await
        .map_err(|failure| failure.on(Side::Source))?;
    let mut target = connect(&args.to, time)
        .await
        .map_err(|failure| failure.on(Side::Target))?;
    let done = unless_interrupted(copy(&args, time, &mut source, &mut target)).await;
    match done {
        Ok(done) => {
            // All is done, whatever they make of the goodbye.
            let _ = tokio::join!(source.close(), target.close());
            tell(&done)
        }
        Err(failure) => {
            tokio::join!(stop(&mut source), stop(&mut target));
            Err(failure)
        }
    }
}

/// Connects to one of the two.
async fn connect(conn: &str, time: TimeLimit) -> Result<Connection, Failure> {
    let mut config = resolve(conn)?;
    until_ctrl_c(&[], time.connect(&mut config, Prompt::OneOfSeveral)).await
}

/// Copies, and shows how far it has come.
async fn copy(
    args: &Args,
    time: TimeLimit,
    source: &mut Connection,
    target: &mut Connection,
) -> Result<Transferred, Failure> {
    let (origin, rows) = match (&args.table, &args.query) {
        (Some(table), _) => (Transfer::table(table.clone()), format!("SELECT * FROM {table}")),
        (None, Some(query)) => (Transfer::query(query), query.clone()),
        (None, None) => return Err(Failure::Usage("nothing to copy".to_owned())),
    };
    let Some(into) = args.into.as_ref().or(args.table.as_ref()) else {
        return Err(Failure::Usage("no table to copy into".to_owned()));
    };
    source.set_deadline(time.left());
    let mut bar = Bar::new();
    if bar.is_shown()
        && let Some(rows) = estimate(source, &rows).await
    {
        bar.expect(rows);
    }
    let mut transfer = origin
        .into(into.clone())
        .on_progress(|progress| bar.update(&progress));
    if args.create {
        transfer = transfer.create();
    }
    if args.verify {
        transfer = transfer.verify();
    }
    if let Some(left) = time.left() {
        transfer = transfer.deadline(left);
    }
    let done = transfer.run(source, target).await;
    done.map_err(|error| match (error, &args.query) {
        // What connecting has left of the time is not what the user has said.
        (TransferError::Deadline { .. }, _) => TransferError::Deadline { limit: time.limit() }.into(),
        (error, query) => match (hint(&error, args.create, source), &error, query) {
            (Some(hint), ..) => Failure::from(error).hinted(hint),
            // Of its own text the place is shown.
            (
                None,
                TransferError::Connection {
                    side: Side::Source,
                    error: cause @ connection::Error::Server(_),
                },
                Some(query),
            ) if !args.verify => Failure::connection(cause, Some(query)).on(Side::Source),
            _ => error.into(),
        },
    })
}

/// What can be done about an error.
fn hint(error: &TransferError, creates: bool, source: &Connection) -> Option<&'static str> {
    match error {
        TransferError::NotEmpty { .. } => Some(NOT_EMPTY),
        TransferError::Connection {
            side,
            error: connection::Error::Server(diagnostic),
        } => match (side, diagnostic.sqlstate()?) {
            (Side::Source, SqlState::CHARACTER_NOT_IN_REPERTOIRE) if is_of_no_encoding(source) => {
                Some(NO_ENCODING)
            }
            (Side::Target, SqlState::DUPLICATE_TABLE) if creates => Some(IS_THERE),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a database's texts may be any bytes.
fn is_of_no_encoding(connection: &Connection) -> bool {
    let encoding = connection.parameters().get("server_encoding");
    encoding.is_some_and(|encoding| encoding == "SQL_ASCII")
}

/// How many rows the server thinks that a query gives. If it fails, the copy tells why.
async fn estimate(source: &mut Connection, query: &str) -> Option<u64> {
    let plan = format!("EXPLAIN (FORMAT JSON) {query}");
    let row = source.query_one(&plan, &[]).await.ok()?;
    let plan: serde_json::Value = serde_json::from_slice(row.raw(0).ok()??).ok()?;
    plan.pointer("/0/Plan/Plan Rows")?.as_u64()
}

/// Tells what was copied: the tag on stdout, and the rest on stderr.
fn tell(done: &Transferred) -> Result<(), Failure> {
    let seconds = done.elapsed.as_secs_f64();
    let mut told = format!(
        "{}, {}, {seconds:.3} seconds, {} rows/s\n",
        counted(done.rows, "row"),
        counted(done.bytes, "byte"),
        progress::rate(done.rows, done.elapsed),
    );
    if let Some(checksum) = done.checksum {
        told.push_str(&format!("the same in source and target: {checksum}\n"));
    }
    // Who has closed stderr does not want to know.
    let _ = io::stderr().write_all(told.as_bytes());
    let rows = done.rows;
    writeln!(io::stdout(), "COPY {rows}").map_err(|error| {
        let were = if rows == 1 { "was" } else { "were" };
        Failure::untold(&error, format_args!("{} {were} copied", counted(rows, "row")))
    })
}
