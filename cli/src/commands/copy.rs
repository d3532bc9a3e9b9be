//! `dblink copy`.

use crate::failure::Failure;

/// Copy a table or the rows of a query into a table elsewhere, all or nothing
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where to copy from
    #[arg(long, value_name = "CONN")]
    pub(crate) from: String,
    /// The table to copy
    #[arg(long, required_unless_present = "query", conflicts_with = "query")]
    pub(crate) table: Option<String>,
    /// The query whose rows to copy
    #[arg(long, value_name = "SQL", requires = "into")]
    pub(crate) query: Option<String>,
    /// Where to copy to
    #[arg(long, value_name = "CONN")]
    pub(crate) to: String,
    /// The table to copy into [default: that of --table]
    #[arg(long, value_name = "TABLE")]
    pub(crate) into: Option<String>,
    /// Create the table, with the columns of what is copied
    #[arg(long)]
    pub(crate) create: bool,
    /// Compare checksums of the source and the target afterwards
    #[arg(long)]
    pub(crate) verify: bool,
}

/// Runs it.
pub(crate) async fn run(_args: Args) -> Result<(), Failure> {
    Err(Failure::Usage("copy is not built yet".to_owned()))
}
