//! What the command line says.

use std::io::Write as _;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Parser, Subcommand};

use crate::commands::{
    build_sql, completions, conninfo, copy, demo, exec, listen, man, ping, pkey, query, scatter, shell, trace,
};
use crate::failure::Failure;
use crate::listing::harmless;
use crate::masking::without_secrets;

/// What stands below every help text that is asked for with `--help`.
const EXIT_CODES: &str = "\
CONN is a connection string (\"host=db1 dbname=sales\"), a URI (postgresql://scott@db1/sales), a service (service=sales), or \
@NAME for a profile: a group of the file ~/.config/dblink/profiles, or of the one that DBLINK_PROFILES names, which is written \
like libpq's service file. \"\" is what the environment and libpq's defaults say. A password that is \
needed and not there is asked for on the terminal.

Exit codes: 0 done; 1 a server reported an error, or a statement was cancelled at its time limit; 2 wrong usage, no connection, \
or a file that cannot be read or written; 130 interrupted by Ctrl-C; 143 ended by SIGTERM.";

/// PostgreSQL's dblink without the extension: query, copy and connect databases from the command line.
#[derive(Debug, Parser)]
#[command(name = "dblink", version, max_term_width = 100, after_long_help = EXIT_CODES, arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Query(query::Args),
    Exec(exec::Args),
    Copy(copy::Args),
    Scatter(scatter::Args),
    Listen(listen::Args),
    Ping(ping::Args),
    Pkey(pkey::Args),
    BuildSql(build_sql::Args),
    Conninfo(conninfo::Args),
    Trace(trace::Args),
    Shell(shell::Args),
    Demo(demo::Args),
    Completions(completions::Args),
    Man(man::Args),
}

impl Command {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        match self {
            Self::Query(args) => query::run(args).await,
            Self::Exec(args) => exec::run(args).await,
            Self::Copy(args) => copy::run(args).await,
            Self::Scatter(args) => scatter::run(args).await,
            Self::Listen(args) => listen::run(args).await,
            Self::Ping(args) => ping::run(args).await,
            Self::Pkey(args) => pkey::run(args).await,
            Self::BuildSql(args) => build_sql::run(args).await,
            Self::Conninfo(args) => conninfo::run(&args),
            Self::Trace(args) => trace::run(args).await,
            Self::Shell(args) => shell::run(args).await,
            Self::Demo(args) => demo::run(args).await,
            Self::Completions(args) => completions::run(&args),
            Self::Man(args) => man::run(&args),
        }
    }
}

/// Tells what is wrong with the command line; or gives the help or the version that was asked for. The words are those of the
/// command line, without the program's name.
pub(crate) fn refuse(mut error: clap::Error, words: &[String]) -> ExitCode {
    if !error.use_stderr() {
        let printed = error.print().and_then(|()| std::io::stdout().flush());
        return match printed.map_err(|error| Failure::output(&error)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => failure.tell(),
        };
    }
    if let Some(tip) = tip(&error, words) {
        let tips = ContextValue::StyledStrs(vec![tip.into()]);
        error.insert(ContextKind::Suggested, tips);
    }
    let mut text = error.render().to_string();
    // A CONN may have slipped into another place, with its password.
    for value in typed(&error) {
        text = text.replace(value, &without_secrets(value));
    }
    let text = harmless(&text);
    // Where even this cannot be written, the exit code says it.
    let _ = match text.strip_prefix("error: ") {
        Some(text) => write!(std::io::stderr(), "dblink: {text}"),
        // Who says nothing sees the help.
        None => write!(std::io::stderr(), "{text}"),
    };
    ExitCode::from(2)
}

/// What may have been meant.
fn tip(error: &clap::Error, words: &[String]) -> Option<String> {
    let command = words.first().map(String::as_str);
    let argument = error.get(ContextKind::InvalidArg);
    match (command, error.kind(), argument) {
        (Some(command), ErrorKind::UnknownArgument, Some(ContextValue::String(word))) => match command {
            _ if word.starts_with('-') => None,
            "shell" => Some(format!(
                "the database is named by --local: dblink shell --local '{word}'"
            )),
            "copy" => Some("the databases are named by --from CONN and --to CONN".to_owned()),
            _ => None,
        },
        (
            Some(command @ ("query" | "exec")),
            ErrorKind::MissingRequiredArgument,
            Some(ContextValue::Strings(missing)),
        ) if missing == &["<SQL>"] => Some(format!(
            "CONN comes first, and \"\" is what the environment says: dblink {command} \"\" SQL"
        )),
        _ => None,
    }
}

/// What the message shows of the command line. What else it shows are names of the definition.
fn typed(error: &clap::Error) -> impl Iterator<Item = &str> {
    let is_unknown = error.kind() == ErrorKind::UnknownArgument;
    error
        .context()
        .filter_map(move |(kind, value)| match (kind, value) {
            (ContextKind::InvalidArg, ContextValue::String(text)) if is_unknown => Some(text.as_str()),
            (ContextKind::InvalidValue | ContextKind::InvalidSubcommand, ContextValue::String(text)) => {
                Some(text.as_str())
            }
            _ => None,
        })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Args;

    #[test]
    fn the_definition_is_sound() {
        Args::command().debug_assert();
    }
}
