//! Starts a throwaway PostgreSQL server, prints where it is, and stops it at the end of its input.
//!
//! ```text
//! $ cargo run -p dblink-tests --bin throwaway
//! host=/tmp/dblink-test-x6MEij/socket port=43215 dbname=postgres user=postgres
//! ```

use std::io::{self, Write as _};

use dblink_tests::Cluster;

fn main() -> io::Result<()> {
    let cluster = Cluster::start();
    writeln!(io::stdout(), "{}", cluster.conninfo())?;
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}
