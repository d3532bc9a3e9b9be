//! PostgreSQL's own module `dblink`, to see that what is mended here is as it is there.

use std::process::Stdio;
use std::sync::Once;

use dblink_tests::Cluster;

/// Runs statements one after the other on the shared server, as psql does, errors included; gives all that it prints.
///
/// `$C` stands for a connection string of the same server.
pub(crate) fn run(statements: &str) -> String {
    static MODULE: Once = Once::new();
    let cluster = Cluster::shared();
    MODULE.call_once(|| {
        // Other processes of this test may do the same.
        cluster
            .psql("begin; select pg_advisory_xact_lock(7262); create extension if not exists dblink; commit");
    });
    let mut command = cluster.psql_command();
    command.args(["--set", "ON_ERROR_STOP=0", "--set", "VERBOSITY=terse"]);
    for statement in statements.split(";;") {
        command.args([
            "--command",
            &statement.replace("$C", &cluster.conninfo().replace('\'', "''")),
        ]);
    }
    let output = command.stdin(Stdio::null()).output().unwrap();
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}
