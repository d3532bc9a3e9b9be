//! `dblink pkey`.

use crate::failure::Failure;

/// Print the columns of a primary key
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where to connect to
    pub(crate) conn: String,
    /// The table
    pub(crate) relation: String,
}

/// Runs it.
pub(crate) async fn run(_args: Args) -> Result<(), Failure> {
    Err(Failure::Usage("pkey is not built yet".to_owned()))
}
