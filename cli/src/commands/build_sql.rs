//! `dblink build-sql`.

use dblink_engine::session::{Error, PkeyColumn, Session};
use dblink_engine::sqlgen::BuildError;

use crate::failure::{Failure, Report};
use crate::interrupt::until_ctrl_c;
use crate::{destination, listing};

/// Print the statement that inserts, updates or deletes a row of a table
///
/// The row is found by its primary key: --key once for each column of the key, in its order. The statement has the row's values
/// as constants, so that it can be run on another server: dblink_build_sql_insert, _update and _delete. It is not run here.
///
/// The value of a generated column is in the statement, as with dblink: where the column is generated, too, that INSERT or UPDATE fails.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which statement
    #[arg(value_enum)]
    pub(crate) statement: Statement,
    /// Where to connect to
    pub(crate) conn: String,
    /// The table, as in SQL: orders, sales.orders, "Odd Name"
    pub(crate) relation: String,
    /// The next value of the row's primary key
    #[arg(long, value_name = "VALUE", required = true, allow_hyphen_values = true)]
    pub(crate) key: Vec<String>,
    /// The next value of the primary key in the statement [default: that of --key]
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    pub(crate) to_key: Vec<String>,
}

/// Which statement is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Statement {
    /// The row with another key, or again
    Insert,
    /// Make the row with the key of the statement like this one
    Update,
    /// The row need not be there
    Delete,
}

/// With these, values are written so that every server reads them as the same, whatever the caller or the database has set.
const SETTINGS: &str = "SET datestyle TO ISO; SET intervalstyle TO postgres; SET extra_float_digits TO 3; SET bytea_output TO hex";

/// Runs it.
pub(crate) async fn run(args: Args) -> Result<(), Failure> {
    if args.statement == Statement::Delete && !args.to_key.is_empty() {
        return Err(Failure::Usage(
            "--to-key has no place in a DELETE: --key says which row".to_owned(),
        ));
    }
    let mut connection = destination::connect_in_utf8(&args.conn).await?;
    let cancel = connection.cancel_handle();
    let statement = until_ctrl_c(cancel.as_slice(), async {
        connection
            .batch_execute(SETTINGS)
            .await
            .map_err(|error| Failure::connection(&error, None))?;
        let mut session = Session::builder().local(connection).build();
        build(&mut session, &args).await
    })
    .await?;
    listing::write(&format!("{statement};\n"))
}

async fn build(session: &mut Session, args: &Args) -> Result<String, Failure> {
    let relation = &args.relation;
    let columns = session.get_pkey(relation).await?;
    if columns.is_empty() {
        return Err(Failure::Usage(format!("{relation} has no primary key")));
    }
    check("--key", &args.key, relation, &columns)?;
    let to_key = if args.to_key.is_empty() {
        &args.key
    } else {
        &args.to_key
    };
    check("--to-key", to_key, relation, &columns)?;
    let attnums: Vec<i16> = columns.iter().map(|column| column.attnum).collect();
    // Their number is that of the values, which a command line can hold.
    let count = i32::try_from(attnums.len()).unwrap_or(i32::MAX);
    let source: Vec<&str> = args.key.iter().map(String::as_str).collect();
    let target: Vec<&str> = to_key.iter().map(String::as_str).collect();
    let (attnums, source, target) = (&attnums[..], &source[..], &target[..]);
    let built = match args.statement {
        Statement::Insert => {
            session
                .build_sql_insert(relation, attnums, count, source, target)
                .await
        }
        Statement::Update => {
            session
                .build_sql_update(relation, attnums, count, source, target)
                .await
        }
        Statement::Delete => session.build_sql_delete(relation, attnums, count, target).await,
    };
    built.map_err(|error| match error {
        Error::Build(BuildError::SourceRowNotFound) => Failure::Server(Report {
            detail: Some(format!(
                "{relation} has no row with ({}) = ({}).",
                names(&columns),
                args.key.join(", ")
            )),
            ..Report::session(&error)
        }),
        error => Failure::session(&error),
    })
}

/// That there is one value for each column of the key.
fn check(option: &str, values: &[String], relation: &str, columns: &[PkeyColumn]) -> Result<(), Failure> {
    if values.len() == columns.len() {
        return Ok(());
    }
    Err(Failure::Usage(format!(
        "the primary key of {relation} is ({}): give {option} once for each of its columns, in this order ({} needed, {} given)",
        names(columns),
        columns.len(),
        values.len()
    )))
}

fn names(columns: &[PkeyColumn]) -> String {
    let names: Vec<_> = columns.iter().map(|column| column.name.as_str()).collect();
    names.join(", ")
}
