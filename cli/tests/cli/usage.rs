//! Wrong usage, and help.

use crate::support::{conn, run, run_with};

#[test]
fn wrong_usage_is_told_with_exit_code_2() {
    let said = run(["quary"]);
    assert_eq!(said.code, Some(2));
    assert!(
        said.err.starts_with("dblink: unrecognized subcommand 'quary'"),
        "{}",
        said.err
    );
    assert_eq!(said.out, "");
}

#[test]
fn what_a_connection_string_lacks_is_told_in_libpqs_words() {
    let said = run_with(["query", "host", "select 1"], &conn());
    assert_eq!(said.code, Some(2));
}
