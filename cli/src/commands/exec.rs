//! `dblink exec`.

use std::time::Duration;

use crate::failure::Failure;

/// Run a command and print its tag
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where to connect to
    pub(crate) conn: String,
    /// The command; $1, $2, … are the values of --param
    pub(crate) sql: String,
    /// The value of the next parameter, $1 first
    #[arg(short = 'p', long = "param", value_name = "VALUE", allow_hyphen_values = true)]
    pub(crate) params: Vec<String>,
    /// Cancel the command at its server when it takes longer, such as 90s or 1m30s
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub(crate) timeout: Option<Duration>,
}

/// Runs it.
pub(crate) async fn run(_args: Args) -> Result<(), Failure> {
    Err(Failure::Usage("exec is not built yet".to_owned()))
}
