//! `dblink scatter`.

use std::collections::HashSet;
use std::iter::once;
use std::num::NonZeroUsize;
use std::time::Duration;

use dblink_engine::connection::Columns;
use dblink_engine::conninfo::{Config, Conninfo, Keyword};
use dblink_engine::libpq_text::connect_text;
use dblink_engine::session::{
    Destination, Error, NotEstablished, Notice, Order, Outcome, Scattered, Session, Target,
};
use postgres_types::{ToSql, Type};

use crate::destination::{resolve, speak_utf8};
use crate::failure::{Failure, Report};
use crate::interrupt::unless_interrupted;
use crate::listing::counted;
use crate::masking::without_secrets;
use crate::output::{Column, Format, Sink, Writer};
use crate::time_limit::duration;
use crate::{listing, statements};

/// The column that says which database a row comes from.
const SOURCE: &str = "source";

/// Run a query on many databases at once
///
/// Rows are printed as they come, with the name of their database in a column `source` before the others. Databases that fail do
/// not stop the others; why they have failed is told at the end, and the exit code is 1 then, or 2 if none could be connected to.
/// A database whose rows have other columns than those that came first has failed. No password is asked for.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The query; $1, $2, … are the values of --param
    pub(crate) sql: String,
    /// A database, and the name that its rows are marked with
    #[arg(long = "on", value_name = "NAME=CONN", required = true, value_parser = named)]
    pub(crate) on: Vec<(String, String)>,
    /// The value of the next parameter, $1 first; its type is what the server makes of it
    #[arg(short = 'p', long = "param", value_name = "VALUE", allow_hyphen_values = true)]
    pub(crate) params: Vec<String>,
    /// How many databases are asked at a time [default: all]
    #[arg(long, value_name = "N", value_parser = limit, conflicts_with = "ordered_by")]
    pub(crate) limit: Option<NonZeroUsize>,
    /// Cancel what takes longer, connecting included, such as 90s or 1m30s
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) timeout: Option<Duration>,
    /// Merge the rows by this column, by which each database gives them sorted: NAME, NAME DESC, NAME NULLS FIRST
    ///
    /// The query needs the ORDER BY that says the same, for texts with COLLATE "C". A database that is slow holds up all others.
    #[arg(long, value_name = "ORDER")]
    pub(crate) ordered_by: Option<Order>,
    /// How rows are printed [default: table on a terminal, else csv]
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub(crate) format: Option<Format>,
    /// Tell of each database on stderr how many rows it gave, how long it took, and its tag, such as SELECT 2
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

/// A database and its name.
fn named(text: &str) -> Result<(String, String), String> {
    // A CONN without its name shall not have its beginning, and a password in it, taken for one.
    let is_name = |name: &str| {
        !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || matches!(c, '/' | ':' | '@' | '?'))
    };
    let nameless = |name: &str| {
        let is_plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c));
        let name = if is_plain { name } else { "a" };
        let text = without_secrets(text);
        Err(format!("give it a name first, such as {name}={text}"))
    };
    if let Some(profile) = text.strip_prefix('@') {
        return nameless(profile);
    }
    match text.split_once('=') {
        Some((keyword, rest)) if is_keyword(keyword, rest) => match (Keyword::from_name(keyword), rest) {
            (Some(Keyword::Service | Keyword::Dbname | Keyword::Host), name) => {
                nameless(name.split_whitespace().next().unwrap_or_default())
            }
            _ => nameless(""),
        },
        Some((name, conn)) if is_name(name) && !conn.is_empty() => Ok((name.to_owned(), conn.to_owned())),
        _ => Err(
            "it is not a name (without white space, /, :, @ and ?), =, and a connection string".to_owned(),
        ),
    }
}

/// Whether this is no name, but the first keyword of a CONN that has none. What a name is for could be read by itself.
fn is_keyword(word: &str, rest: &str) -> bool {
    Keyword::from_name(word).is_some()
        && !rest.is_empty()
        && !rest.starts_with('@')
        && Conninfo::parse(rest).is_err()
}

/// How many there may be.
fn limit(text: &str) -> Result<NonZeroUsize, String> {
    text.parse()
        .map_err(|_| "it has to be a number, 1 or more".to_owned())
}

/// Runs it.
pub(crate) async fn run(args: Args) -> Result<(), Failure> {
    statements::some(&args.sql, "query")?;
    statements::no_copy(&args.sql)?;
    let configs = configs(&args.on)?;
    let sink = Sink::stdout()?;
    let mut writer = Writer::new(Format::or_usual(args.format, &sink), sink);
    let params: Vec<_> = args
        .params
        .iter()
        .map(|value| value as &(dyn ToSql + Sync))
        .collect();
    let mut session = Session::builder().on_notice(tell_notice).build();
    let targets = configs
        .iter()
        .map(|config| Target::To(Destination::Config(config)));
    let mut scatter = session.scatter(targets, &args.sql).text().same_columns();
    if !params.is_empty() {
        scatter = scatter.params(&params);
    }
    if let Some(limit) = args.limit {
        scatter = scatter.limit(limit.get());
    }
    if let Some(limit) = args.timeout {
        scatter = scatter.within(limit);
    }
    if let Some(order) = args.ordered_by {
        scatter = scatter.ordered_by(order);
    }
    let mut scattered = scatter.await.map_err(|error| Failure::session(&error))?;
    let names: Vec<_> = args.on.iter().map(|(name, _)| name.as_str()).collect();
    if let Err(failure) = unless_interrupted(print(&mut scattered, &names, &mut writer)).await {
        // It is cancelled at the servers; who is in a hurry does not wait for that.
        let cancelled = async {
            scattered.cancel().await;
            Ok(())
        };
        let _ = unless_interrupted(cancelled).await;
        return Err(failure);
    }
    unless_interrupted(writer.finish()).await?;
    tell(&names, &scattered.into_outcomes(), &args.sql, args.verbose)
}

/// Where the names lead.
fn configs(on: &[(String, String)]) -> Result<Vec<Config>, Failure> {
    let mut names = HashSet::new();
    let configs = on.iter().map(|(name, conn)| {
        if !names.insert(name) {
            return Err(Failure::Usage(format!("two databases are named \"{name}\"")));
        }
        let mut config = resolve(conn).map_err(|failure| failure.on(name))?;
        speak_utf8(&mut config);
        Ok(config)
    });
    configs.collect()
}

/// Prints the rows; the header also where there are none.
async fn print(scattered: &mut Scattered<'_>, names: &[&str], writer: &mut Writer) -> Result<(), Failure> {
    let mut begun = false;
    // One database's failure is not that of the call.
    while let Ok(Some(row)) = writer.next(scattered.next()).await? {
        if !begun {
            writer.begin(columns(row.columns()));
            begun = true;
        }
        let name = names.get(row.source).map(|name| name.as_bytes());
        writer.row(once(name).chain(row.as_row().values()));
        writer.pass_on().await?;
    }
    let fits = |outcome: &&Outcome| outcome.result.is_ok() && outcome.columns.is_some();
    if !begun
        && let Some(described) = scattered
            .outcomes()
            .find(fits)
            .and_then(|outcome| outcome.columns.as_ref())
    {
        writer.begin(columns(described));
    }
    writer.end();
    Ok(())
}

fn columns(described: &Columns) -> Vec<Column> {
    let source = Column {
        name: SOURCE.to_owned(),
        type_oid: Type::TEXT.oid(),
    };
    once(source).chain(Column::all(described)).collect()
}

/// Tells what became of the databases, as far as that is worth it.
fn tell(names: &[&str], outcomes: &[Outcome], sql: &str, verbose: bool) -> Result<(), Failure> {
    let mut failures = Vec::new();
    for (name, outcome) in names.iter().zip(outcomes) {
        let (rows, seconds) = (counted(outcome.rows, "row"), outcome.elapsed.as_secs_f64());
        let remark = |end: &str| {
            listing::remark(format_args!("{name}: {rows}, {seconds:.3} seconds, {end}"));
        };
        match &outcome.result {
            Ok(tag) if verbose => remark(tag),
            // There is nothing else to show of it.
            Ok(tag) if outcome.columns.is_none() => listing::tell(format_args!("{name}: {tag}")),
            Ok(_) => {}
            Err(error) => {
                failures.push(failure(error, sql).on(name));
                if verbose {
                    remark("failed");
                }
            }
        }
    }
    for failure in &failures {
        failure.tell();
    }
    if failures.is_empty() {
        return Ok(());
    }
    let reached = outcomes.iter().any(|outcome| outcome.connected);
    Err(Failure::Told(if reached { 1 } else { 2 }))
}

/// Why a database has failed.
fn failure(error: &Error, sql: &str) -> Failure {
    match error {
        Error::Remote { cause, .. } => Failure::statement(cause, sql),
        Error::NotEstablished(NotEstablished::Connect(cause)) => Failure::NoConnection(connect_text(cause)),
        error => Failure::session(error),
    }
}

/// Tells what a server notes.
fn tell_notice(notice: &Notice) {
    if let Notice::Remote { diagnostic, .. } = notice {
        listing::tell(Report::of(diagnostic, None));
    }
}
