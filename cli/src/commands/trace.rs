//! `dblink trace`.

use std::pin::pin;

use crate::failure::Failure;
use crate::interrupt::unless_interrupted;
use crate::trace::{Address, Log, Proxy, Style};

/// Print what a client and a server say to each other
///
/// It listens like a server, leads any PostgreSQL client to a real one, and prints the messages of both in the format of libpq's
/// PQtrace; times are in UTC. Each line begins with the number of its connection. Passwords and keys are left out, unless they
/// are part of a statement.
///
/// What is encrypted cannot be read: clients are told that there is no encryption. Connect with sslmode=disable or prefer.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "ADDRESS is HOST:PORT, [::1]:PORT, the path of a Unix-domain socket, or FOLDER:PORT. Without a port it is 5432. \
        A mere PORT to listen on is that of 127.0.0.1."
)]
pub(crate) struct Args {
    /// The address to listen on, such as 127.0.0.1:6000; with port 0 a free one is taken, and told
    #[arg(long, value_name = "ADDRESS", value_parser = Address::to_listen_on)]
    pub(crate) listen: Address,
    /// The address of the server, such as db1:5432 or the folder of its socket
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) to: Address,
    /// Trace the first connection alone, without its number, and end with it
    #[arg(long)]
    pub(crate) once: bool,
    /// Print no times
    #[arg(long)]
    pub(crate) no_timestamps: bool,
    /// Leave out what differs from run to run: times, object identifiers, process IDs
    #[arg(long)]
    pub(crate) regress: bool,
}

/// Runs it.
pub(crate) async fn run(args: Args) -> Result<(), Failure> {
    let (log, printer) = Log::new(Style {
        numbers: !args.once,
        timestamps: !(args.no_timestamps || args.regress),
        regress: args.regress,
    })?;
    unless_interrupted(async {
        let proxy = Proxy::open(&args.listen, args.to).await?;
        let mut printing = pin!(printer.run());
        let serving = async {
            let served = if args.once {
                proxy.run_once(&log).await
            } else {
                proxy.run(&log).await
            };
            // That is all there is to be printed.
            drop(log);
            served
        };
        tokio::select! {
            served = serving => {
                printing.await?;
                served
            }
            printed = &mut printing => printed,
        }
    })
    .await
}
