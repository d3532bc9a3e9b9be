//! `dblink build-sql`.

use crate::failure::Failure;

/// Print the statement that inserts, updates or deletes a row of a table
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which statement
    #[arg(value_enum)]
    pub(crate) statement: Statement,
    /// Where to connect to
    pub(crate) conn: String,
    /// The table
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
    Insert,
    Update,
    Delete,
}

/// Runs it.
pub(crate) async fn run(_args: Args) -> Result<(), Failure> {
    Err(Failure::Usage("build-sql is not built yet".to_owned()))
}
