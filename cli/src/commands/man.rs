//! `dblink man`.

use crate::failure::Failure;

/// Print the manual page
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// Runs it.
pub(crate) fn run(_args: &Args) -> Result<(), Failure> {
    Err(Failure::Usage("man is not built yet".to_owned()))
}
