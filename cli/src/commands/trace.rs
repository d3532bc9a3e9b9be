//! `dblink trace`.

use crate::failure::Failure;

/// Print what a client and a server say to each other
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The address to listen on, such as 127.0.0.1:6000
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: String,
    /// The address of the server, such as db1:5432 or the folder of its socket
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) to: String,
}

/// Runs it.
pub(crate) async fn run(_args: Args) -> Result<(), Failure> {
    Err(Failure::Usage("trace is not built yet".to_owned()))
}
