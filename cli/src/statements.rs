//! What is seen of SQL before a server has it: that there is none, and what could not be undone.

use dblink_engine::sqlgen::{StatementCount, count_statements};
use dblink_protocol::SqlState;

use crate::failure::{Failure, Report};

/// Refuses a text without any statement, which is called by this noun.
///
/// # Errors
///
/// [`Failure::Usage`].
pub(crate) fn some(sql: &str, noun: &str) -> Result<(), Failure> {
    // Where nothing is, no string is either that the setting could matter to.
    match count_statements(sql, true) {
        StatementCount::None => Err(Failure::Usage(format!("there is no {noun} to run"))),
        _ => Ok(()),
    }
}

/// Refuses a COPY from or to the client: the server ends it when it has given all, and may have committed by then what stands
/// around it.
///
/// # Errors
///
/// [`Failure::Server`], in the server's place.
pub(crate) fn no_copy(sql: &str) -> Result<(), Failure> {
    match copies(sql) {
        true => Err(Failure::copy(Report::own(SqlState::FEATURE_NOT_SUPPORTED, ""))),
        false => Ok(()),
    }
}

/// Whether one of the statements is a COPY from or to the client. What cannot be divided into words has none.
///
/// The words say it: a parser knows the syntax of one version.
fn copies(sql: &str) -> bool {
    let is_there = |word: &str| {
        sql.as_bytes()
            .windows(word.len())
            .any(|bytes| bytes.eq_ignore_ascii_case(word.as_bytes()))
    };
    if !is_there("copy") || !(is_there("stdin") || is_there("stdout")) {
        return false;
    }
    let Ok(scanned) = pg_query::scan(sql) else {
        return false;
    };
    let words = scanned.tokens.iter().filter_map(|token| {
        let text = sql.get(usize::try_from(token.start).ok()?..usize::try_from(token.end).ok()?)?;
        let is_comment = text.starts_with("--") || text.starts_with("/*");
        (!is_comment).then_some(text)
    });
    let mut depth = 0_usize;
    let mut begins = true;
    let mut is_copy = false;
    let mut before = "";
    for word in words {
        let is = |other: &str| word.eq_ignore_ascii_case(other);
        match word {
            ";" if depth == 0 => {
                (begins, is_copy) = (true, false);
                continue;
            }
            "(" => depth = depth.saturating_add(1),
            ")" => depth = depth.saturating_sub(1),
            _ if begins => is_copy = is("copy"),
            // Either word does with either direction.
            _ if is_copy
                && depth == 0
                && (is("stdin") || is("stdout"))
                && (before.eq_ignore_ascii_case("from") || before.eq_ignore_ascii_case("to")) =>
            {
                return true;
            }
            _ => {}
        }
        (begins, before) = (false, word);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::copies;

    #[test]
    fn a_copy_is_seen_wherever_it_stands() {
        for sql in [
            "copy t to stdout",
            "Copy t (a, b) From StdIn with (format csv)",
            "copy t from stdout",
            "/* a */ copy -- b\n (select 1) to /* c */ stdout",
            ";; copy \"s\".\"t\" to stdout (header)",
            "insert into t values (1); copy t to stdout; insert into t values (2)",
            "select '\u{e9}\u{1f600}'; copy binary t to stdout",
            "do $$ begin; end $$; copy (select ')' from t) to stdout;",
        ] {
            assert!(copies(sql), "{sql}");
        }
        for sql in [
            "copy t to '/tmp/stdout'",
            "copy t (stdin) from '/tmp/x'",
            "copy (select * from stdout) to '/tmp/x'",
            "copy t to program 'cat'; select * from stdout",
            "select 'copy t to stdout'",
            "select 1 as copy, 2 from stdout",
            "/* copy t to stdout */ select 1",
            "create table copy (a int); insert into copy select 1 from stdin",
            "do $$ begin execute 'copy t to stdout'; end $$",
            "copy t to stdout '",
            "",
        ] {
            assert!(!copies(sql), "{sql}");
        }
    }
}
