//! `dblink conninfo`.

use crate::failure::Failure;

/// Show what a connection string, the environment and files say, and where each value comes from
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The connection string or URI
    pub(crate) string: String,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Show passwords and other secrets
    #[arg(long)]
    pub(crate) show_secrets: bool,
    /// Ignore the environment and files
    #[arg(long)]
    pub(crate) string_only: bool,
}

/// Runs it.
pub(crate) fn run(_args: &Args) -> Result<(), Failure> {
    Err(Failure::Usage("conninfo is not built yet".to_owned()))
}
