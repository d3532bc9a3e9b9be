//! The program `dblink`.

use std::io::Write;
use std::process::ExitCode;

/// Says that there is nothing yet, and exits as for wrong usage.
fn main() -> ExitCode {
    // Where even this cannot be written, the exit code says it.
    let _ = writeln!(
        std::io::stderr(),
        "dblink: this build has no commands yet; see the README"
    );
    ExitCode::from(2)
}
