//! Writes the protocol crate's SQLSTATEs and type OIDs, and the keywords of the crate for SQL text, from the lists of a
//! server, which should be the newest there is:
//!
//! ```text
//! $ DBLINK_PG_BINDIR=/path/to/bin cargo run -p dblink-tests --bin generate
//! ```

// It is run by hand, and reports by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod keyword;
mod oid;
mod sqlstate;

use std::fs;
use std::path::Path;
use std::process::Command;

use dblink_tests::{Cluster, lists};

fn main() {
    let cluster = Cluster::start();
    let version = cluster.psql("select split_part(current_setting('server_version'), ' ', 1)");
    write(
        "protocol/src/sqlstate/codes.rs",
        &sqlstate::module(&version, lists::error_codes(&cluster)),
    );
    write(
        "protocol/src/oid.rs",
        &oid::module(&version, &lists::types(&cluster)),
    );
    write(
        "sqlgen/src/keywords.rs",
        &keyword::module(&version, &lists::quoted_keywords(&cluster)),
    );
}

/// The first lines of a generated file, after its title.
fn provenance(version: &str) -> String {
    format!(
        "//! Generated from the lists of PostgreSQL {version} by `cargo run -p dblink-tests --bin generate`."
    )
}

fn write(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let status = Command::new("rustfmt")
        .args(["--edition", "2024"])
        .arg(&path)
        .status();
    assert!(status.expect("rustfmt runs").success());
}
