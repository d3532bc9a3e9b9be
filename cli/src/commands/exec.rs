//! `dblink exec`.

use std::io::Write as _;
use std::time::Duration;

use dblink_engine::connection::{Connection, Error, SimpleResult};
use dblink_protocol::SqlState;

use super::query::send;
use crate::destination::{Prompt, resolve};
use crate::failure::{Failure, Report};
use crate::interrupt::{stop, unless_interrupted};
use crate::time_limit::{TimeLimit, duration};
use crate::{listing, statements};

/// Run a command and print its tag
///
/// A statement that gives rows is refused before it is run. Several statements, separated by semicolons, are one transaction, and
/// the tag is that of the last; with --param only one statement can be run.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where to connect to
    pub(crate) conn: String,
    /// The command; $1, $2, … are the values of --param
    pub(crate) sql: String,
    /// The value of the next parameter, $1 first; its type is what the server makes of it
    #[arg(short = 'p', long = "param", value_name = "VALUE", allow_hyphen_values = true)]
    pub(crate) params: Vec<String>,
    /// Cancel the command when it takes longer, connecting included, such as 90s or 1m30s
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) timeout: Option<Duration>,
}

/// Runs it.
pub(crate) async fn run(args: Args) -> Result<(), Failure> {
    let time = TimeLimit::start(args.timeout);
    statements::some(&args.sql, "command")?;
    statements::no_copy(&args.sql)?;
    let mut config = resolve(&args.conn)?;
    let mut connection = unless_interrupted(time.connect(&mut config, Prompt::Sole)).await?;
    match unless_interrupted(exec(&mut connection, &args, time)).await {
        Ok(tag) => {
            let tag = listing::harmless(&tag);
            let told = writeln!(std::io::stdout(), "{tag}")
                .map_err(|error| Failure::untold(&error, format_args!("the command was run ({tag})")));
            // The command is done, whatever becomes of the connection.
            let _ = unless_interrupted(async {
                drop(connection.close().await);
                Ok(())
            })
            .await;
            told
        }
        Err(failure) => {
            stop(&mut connection).await;
            Err(failure)
        }
    }
}

/// Runs the command, in the time that there is since `time`; gives its tag.
async fn exec(connection: &mut Connection, args: &Args, time: TimeLimit) -> Result<String, Failure> {
    let failed = |error: Error| time.failure(&error, &args.sql);
    connection.set_deadline(time.left());
    match connection.gives_rows(&args.sql).await {
        Ok(false) => {}
        Ok(true) => return Err(results_not_allowed()),
        // It is several statements, or will be found to be wrong again.
        Err(Error::Server(diagnostic))
            if diagnostic.sqlstate() == Some(SqlState::SYNTAX_ERROR) && args.params.is_empty() => {}
        Err(error) => return Err(failed(error)),
    }
    connection.set_deadline(time.left());
    let mut results = send(connection, &args.sql, &args.params).await.map_err(failed)?;
    let mut last = Last::Nothing;
    // A statement that has begun to give rows.
    let mut inside = false;
    while let Some(result) = results.next().await.map_err(failed)? {
        match result {
            SimpleResult::Columns(_) => inside = true,
            SimpleResult::Completed(_) if std::mem::take(&mut inside) => last = Last::Rows,
            SimpleResult::Completed(completed) => last = Last::Tag(completed.as_wire_str().to_string()),
            _ => {}
        }
    }
    match last {
        Last::Tag(tag) => Ok(tag),
        Last::Rows => Err(results_not_allowed()),
        Last::Nothing => Err(Failure::Usage("there is no command to run".to_owned())),
    }
}

/// What the last statement has given.
enum Last {
    Nothing,
    Tag(String),
    Rows,
}

/// What dblink_exec says, too.
fn results_not_allowed() -> Failure {
    Failure::Server(Report {
        hint: Some("Use dblink query.".to_owned()),
        ..Report::session(&dblink_engine::session::Error::ResultsNotAllowed)
    })
}
