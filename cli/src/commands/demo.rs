//! `dblink demo`.

use crate::demo;
use crate::failure::Failure;

/// See dblink at work between two databases
///
/// Two PostgreSQL servers are started for it, in folders of their own, and go away with it; their programs have to be on this
/// machine. With --on it works on two databases of yours, and only reads there. Each step compares its answer with what it
/// should be: exit code 0 says that all of dblink works here.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A database of yours, to be read only, instead of the servers that are started for this; twice
    #[arg(long = "on", value_name = "CONN")]
    pub(crate) on: Vec<String>,
}

/// Runs it.
pub(crate) async fn run(args: Args) -> Result<(), Failure> {
    match args.on.as_slice() {
        [] => demo::on_own_servers().await,
        [north, south] => demo::on_given(north, south).await,
        _ => Err(Failure::Usage(
            "the demo works between two databases: give --on twice, or not at all".to_owned(),
        )),
    }
}
