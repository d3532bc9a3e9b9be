//! `dblink completions`.

use clap::CommandFactory as _;

use crate::failure::Failure;
use crate::listing;

/// Print completions for a shell
///
/// For bash, in ~/.bashrc: source <(dblink completions bash). For zsh, to a file _dblink in a folder of $fpath. For fish: dblink
/// completions fish > ~/.config/fish/completions/dblink.fish
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

/// Runs it.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(
        args.shell,
        &mut crate::args::Args::command(),
        "dblink",
        &mut script,
    );
    listing::write(&String::from_utf8_lossy(&script))
}
