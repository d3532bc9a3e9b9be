//! Where ours is not as PostgreSQL's own module is, and why not.

use std::ops::RangeInclusive;

/// A difference that is known.
#[derive(Debug)]
pub(crate) struct Difference {
    /// The groups of sequences in which it occurs.
    pub(crate) groups: &'static [&'static str],
    /// In the sequence's name. In these patterns an asterisk stands for anything.
    pub(crate) sequence: &'static str,
    /// In the step.
    pub(crate) step: &'static str,
    /// In what PostgreSQL's own module gives.
    pub(crate) in_c: &'static str,
    /// In what ours gives.
    pub(crate) ours: &'static str,
    /// The major versions that differ.
    pub(crate) versions: RangeInclusive<u32>,
    /// What is to be thought of it.
    pub(crate) verdict: Verdict,
    /// Why ours does not do the same. A number is that of the line in the table of dblink's peculiarities, in the documentation
    /// of the session.
    pub(crate) reason: &'static str,
}

/// What is to be thought of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// PostgreSQL's own module is at fault: mended always, or, in the table for it, unless the session is to be exact.
    Mended,
    /// A library is no function of a server.
    Library,
}

use Verdict::{Library, Mended};

/// In all versions.
const fn difference(
    groups: &'static [&'static str],
    [sequence, step]: [&'static str; 2],
    [in_c, ours]: [&'static str; 2],
    verdict: Verdict,
    reason: &'static str,
) -> Difference {
    Difference {
        groups,
        sequence,
        step,
        in_c,
        ours,
        versions: 0..=u32::MAX,
        verdict,
        reason,
    }
}

/// In versions before that one.
const fn before(version: u32, difference: Difference) -> Difference {
    Difference {
        versions: 0..=version - 1,
        ..difference
    }
}

/// In that version and later ones.
const fn since(version: u32, difference: Difference) -> Difference {
    Difference {
        versions: version..=u32::MAX,
        ..difference
    }
}

const BUSY: &str = "another command is already in progress";
/// In both, a text of several lines and such a text as a value.
const PILED_UP: &str = "another command is already in progress*another command is already in progress";
const ONCE: &str = "6: what has gone wrong is said once, not once more with each call";
const NOT_THROWN_AWAY: &str = "5: results are not thrown away because of a call that fails";
const NO_LAST_CALL: &str =
    "2: after the last result the connection is free, without a call that gives nothing";
const COPY_IS_REFUSED: &str = "12: a COPY is refused, and the connection stays of use";
const READERS_TYPES: &str = "values come as the remote server has sent them; who reads them says as what";
const CURSOR_NAMES: &str = "a cursor's name is one, not a piece of a statement";
const NO_LIST: &str = "columns need no list: they are those of the result";
const NO_FUNCTION: &str = "there is no function to grant anybody";
const LOST: &str = "a socket that has been closed is nothing to tell of";

/// Whatever the session's compatibility is.
pub(crate) const ALWAYS: &[Difference] = &[
    // What waits to be read.
    difference(
        &["states"],
        ["a result that waits", ""],
        [PILED_UP, BUSY],
        Mended,
        ONCE,
    ),
    difference(
        &["states"],
        ["query that runs", ""],
        [PILED_UP, BUSY],
        Mended,
        ONCE,
    ),
    difference(
        &["asynchronous"],
        ["sent twice", ""],
        [PILED_UP, BUSY],
        Mended,
        ONCE,
    ),
    difference(
        &["asynchronous"],
        ["forgotten", ""],
        [PILED_UP, BUSY],
        Mended,
        ONCE,
    ),
    difference(
        &["asynchronous"],
        ["another call while", ""],
        [PILED_UP, BUSY],
        Mended,
        ONCE,
    ),
    difference(
        &["asynchronous"],
        ["a synchronous query while", "get_result"],
        ["no rows", "(\"1\")"],
        Mended,
        NOT_THROWN_AWAY,
    ),
    difference(
        &["states"],
        ["a result that waits: query", "get_result"],
        ["no rows", "(\""],
        Mended,
        NOT_THROWN_AWAY,
    ),
    difference(
        &["states"],
        ["a result that waits: query", "exec"],
        ["SET", BUSY],
        Mended,
        NOT_THROWN_AWAY,
    ),
    difference(
        &["states"],
        ["a result that waits: query", "error_message"],
        ["OK", BUSY],
        Mended,
        NOT_THROWN_AWAY,
    ),
    difference(
        &["states"],
        ["a query that runs: query", "get_result"],
        ["no rows", "(\"7\")"],
        Mended,
        NOT_THROWN_AWAY,
    ),
    difference(
        &["states"],
        ["a query that runs: query", "exec"],
        ["SET", BUSY],
        Mended,
        NOT_THROWN_AWAY,
    ),
    difference(
        &["states"],
        ["a query that runs: query", "error_message"],
        ["OK", BUSY],
        Mended,
        NOT_THROWN_AWAY,
    ),
    // The end of results.
    difference(
        &["asynchronous"],
        ["the last call is forgotten", "send_query"],
        [BUSY, "(\"1\")"],
        Mended,
        NO_LAST_CALL,
    ),
    difference(
        &["asynchronous"],
        ["the last call is forgotten", "get_result"],
        ["no rows", "(\"2\")"],
        Mended,
        NO_LAST_CALL,
    ),
    difference(
        &["states"],
        ["the end of results that waits", ""],
        [BUSY, ""],
        Mended,
        NO_LAST_CALL,
    ),
    difference(
        &["states"],
        ["the end of results that waits: send_query", "get_result"],
        ["no rows", "(\"1\")"],
        Mended,
        NO_LAST_CALL,
    ),
    difference(
        &["states"],
        ["the end of results that waits: open", "bystander"],
        ["(\"idle\")", "(\"idle in transaction\")"],
        Mended,
        NO_LAST_CALL,
    ),
    difference(
        &["states"],
        ["the end of results that waits: exec", "to_regclass('made')"],
        ["NULL", "made"],
        Mended,
        NO_LAST_CALL,
    ),
    difference(
        &["states"],
        ["a query that runs: get_result", ""],
        [BUSY, ""],
        Mended,
        NO_LAST_CALL,
    ),
    // COPY.
    difference(
        &["states"],
        ["in COPY", "copy t"],
        ["could not obtain message", "0A000: the statement is a COPY"],
        Mended,
        COPY_IS_REFUSED,
    ),
    difference(
        &["states"],
        ["in COPY*: error_message", "error_message"],
        ["OK", "the statement is a COPY"],
        Mended,
        COPY_IS_REFUSED,
    ),
    difference(&["states"], ["in COPY", ""], [BUSY, ""], Mended, COPY_IS_REFUSED),
    difference(
        &["states"],
        ["in COPY*: exec", "to_regclass('made')"],
        ["NULL", "made"],
        Mended,
        COPY_IS_REFUSED,
    ),
    // Connections that have ended.
    difference(
        &["remote_errors", "states"],
        ["", ""],
        ["server closed the connection unexpectedly*invalid socket", ""],
        Mended,
        LOST,
    ),
    // Values of other types.
    difference(
        &["queries"],
        ["", ""],
        ["ERROR 22001: value too long", "longer"],
        Library,
        READERS_TYPES,
    ),
    difference(
        &["queries"],
        ["numeric(3, 2)", ""],
        ["1.24", "1.239"],
        Library,
        READERS_TYPES,
    ),
    difference(
        &["queries"],
        ["char(3)", ""],
        ["\"a  \"", "\"a\""],
        Library,
        READERS_TYPES,
    ),
    // Cursors.
    difference(
        &["cursors"],
        [
            "a cursor that was closed and forgotten",
            "bystander: select state",
        ],
        ["(\"idle\")", "(\"idle in transaction\")"],
        Mended,
        "8: who has begun a transaction ends it",
    ),
    difference(
        &["cursors"],
        [
            "a cursor that was closed and forgotten",
            "bystander: select * from t",
        ],
        ["(\"1\")", "no rows"],
        Mended,
        "8: who has begun a transaction ends it",
    ),
    difference(
        &["cursors"],
        ["", ""],
        ["42601", "ERROR 34000: invalid cursor name"],
        Mended,
        CURSOR_NAMES,
    ),
    difference(
        &["cursors"],
        ["with hold", "declare h"],
        ["25P02", "DECLARE CURSOR"],
        Mended,
        CURSOR_NAMES,
    ),
    difference(
        &["cursors"],
        ["with hold", "commit"],
        ["ROLLBACK", "COMMIT"],
        Mended,
        CURSOR_NAMES,
    ),
    difference(
        &["cursors"],
        ["with hold", "fetch"],
        ["34000", "(\"2\")"],
        Mended,
        CURSOR_NAMES,
    ),
    difference(
        &["cursors"],
        ["with hold", "close"],
        ["34000", "OK"],
        Mended,
        CURSOR_NAMES,
    ),
    // What a library is not.
    difference(
        &["overloads"],
        ["without a column", ""],
        ["0A000", "(\"1\")"],
        Library,
        NO_LIST,
    ),
    difference(
        &["overloads"],
        ["without a column", ""],
        [r#"("(\"CREATE TABLE\")")"#, r#"("CREATE TABLE")"#],
        Library,
        NO_LIST,
    ),
    difference(
        &["passwords"],
        ["a role that may call connect_u", "connect_u"],
        ["", "permission denied for function"],
        Library,
        NO_FUNCTION,
    ),
    difference(
        &["passwords"],
        ["a role that may call connect_u", "get_connections"],
        ["(\"n\")", "no rows"],
        Library,
        NO_FUNCTION,
    ),
    difference(
        &["passwords"],
        ["a role that may call connect_u", "select current_user"],
        ["", "2F003"],
        Library,
        NO_FUNCTION,
    ),
    // Versions of libpq.
    before(
        16,
        difference(
            &["passwords"],
            ["an option of a newer libpq", ""],
            ["invalid connection option \"require_auth\"", "OK"],
            Library,
            "ours knows the options of the newest libpq",
        ),
    ),
    before(
        16,
        difference(
            &["connections"],
            ["connect_timeout=x", ""],
            ["invalid integer value", "DETAIL: invalid integer value"],
            Library,
            "what is wrong is found before a server is asked",
        ),
    ),
    since(
        16,
        difference(
            &["connections"],
            ["connect_timeout=x", "connect_timeout=x"],
            ["", "DETAIL: invalid integer value"],
            Mended,
            "what is no number of seconds is not passed over",
        ),
    ),
    since(
        16,
        difference(
            &["connections"],
            ["connect_timeout=x", "get_connections"],
            ["(\"n\")", "no rows"],
            Mended,
            "what is no number of seconds is not passed over",
        ),
    ),
];

const TYPES_COMPARED: &str = "11: types are compared before values are read, or are not to be read";
const LOOKED_AT_BEFORE: &str = "10: what gives rows is found out before it runs";
const OPEN_ROLLS_BACK: &str = "9: a failed open does not leave a failed transaction behind";
const ALL_OR_NOTHING: &str = "1: a query that fails gives no rows";

/// With `Compat::Mended`.
pub(crate) const MENDED: &[Difference] = &[
    difference(
        &["connections", "cursors", "queries", "remote_errors"],
        ["", ""],
        ["ERROR 22", "42804: remote query result rowtype*DETAIL: Column"],
        Mended,
        TYPES_COMPARED,
    ),
    difference(
        &["cursors", "queries"],
        ["", ""],
        ["", "42804: remote query result rowtype*DETAIL: Column"],
        Mended,
        TYPES_COMPARED,
    ),
    difference(
        &["asynchronous"],
        ["results of other shapes", ""],
        ["22P02", "42804"],
        Mended,
        TYPES_COMPARED,
    ),
    difference(
        &["queries", "remote_errors"],
        ["exec", ""],
        ["while executing command", "2F003"],
        Mended,
        LOOKED_AT_BEFORE,
    ),
    difference(
        &["queries", "remote_errors"],
        ["exec", "error_message"],
        ["ERROR:", "OK"],
        Mended,
        LOOKED_AT_BEFORE,
    ),
    difference(
        &["queries"],
        ["exec*returning", "bystander"],
        ["\"2\"", "\"1\""],
        Mended,
        LOOKED_AT_BEFORE,
    ),
    difference(
        &["queries"],
        ["a function that runs before", "bystander"],
        ["\"1\"", "no rows"],
        Mended,
        LOOKED_AT_BEFORE,
    ),
    difference(
        &["cursors"],
        ["a query that cannot be declared", ""],
        ["idle in transaction (aborted)", "(\"idle\")"],
        Mended,
        OPEN_ROLLS_BACK,
    ),
    difference(
        &["cursors"],
        ["a query that cannot be declared", ""],
        ["25P02", "OK"],
        Mended,
        OPEN_ROLLS_BACK,
    ),
    difference(
        &["remote_errors"],
        ["open and fetch", ""],
        ["idle in transaction (aborted)", "(\"idle\")"],
        Mended,
        OPEN_ROLLS_BACK,
    ),
    difference(
        &["remote_errors"],
        ["open and fetch", ""],
        ["25P02", "34000"],
        Mended,
        OPEN_ROLLS_BACK,
    ),
    difference(
        &["remote_errors"],
        ["open and fetch", "error_message"],
        ["current transaction is aborted", "does not exist"],
        Mended,
        OPEN_ROLLS_BACK,
    ),
    difference(
        &["queries"],
        ["dblink, false", ""],
        ["22012*(\"", "22012*no rows"],
        Mended,
        ALL_OR_NOTHING,
    ),
];

/// With `Compat::Exact`.
pub(crate) const EXACT: &[Difference] = &[
    difference(
        &[
            "asynchronous",
            "connections",
            "cursors",
            "queries",
            "remote_errors",
        ],
        ["", ""],
        ["ERROR 22", "    (\""],
        Library,
        READERS_TYPES,
    ),
    difference(
        &["queries"],
        ["another style", ""],
        ["2020-02-01", "01/02/2020"],
        Library,
        READERS_TYPES,
    ),
];
