//! `dblink ping`.

use crate::failure::Failure;

/// Tell whether a server takes connections, and how fast it answers
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where to connect to
    pub(crate) conn: String,
}

/// Runs it.
pub(crate) async fn run(_args: Args) -> Result<(), Failure> {
    Err(Failure::Usage("ping is not built yet".to_owned()))
}
