//! `dblink completions`.

use crate::failure::Failure;

/// Print completions for a shell
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

/// Runs it.
pub(crate) fn run(_args: &Args) -> Result<(), Failure> {
    Err(Failure::Usage("completions is not built yet".to_owned()))
}
