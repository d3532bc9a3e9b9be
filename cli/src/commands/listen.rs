//! `dblink listen`.

use std::time::Duration;

use crate::failure::Failure;

/// Print the notifications of channels as they come
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where to connect to
    pub(crate) conn: String,
    /// The channels to listen on
    #[arg(required = true, value_name = "CHANNEL")]
    pub(crate) channels: Vec<String>,
    /// Stop after this time, such as 90s or 1m30s
    #[arg(long = "for", value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub(crate) for_: Option<Duration>,
}

/// Runs it.
pub(crate) async fn run(_args: Args) -> Result<(), Failure> {
    Err(Failure::Usage("listen is not built yet".to_owned()))
}
