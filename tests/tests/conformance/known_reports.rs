//! The errors and notices that PostgreSQL's own module is known for: the sequences bring them about.
//!
//! PostgreSQL manual: [PostgreSQL Error Codes](https://www.postgresql.org/docs/current/errcodes-appendix.html).

use std::ops::RangeInclusive;

use crate::outcome::Report;
use crate::place::Place;

/// An error or a notice, and the group of sequences in which it comes.
struct Known {
    group: &'static str,
    versions: RangeInclusive<u32>,
    severity: &'static str,
    sqlstate: &'static str,
    message: &'static str,
    detail: Option<&'static str>,
    hint: Option<&'static str>,
    context: &'static [&'static str],
}

impl Known {
    const fn error(group: &'static str, sqlstate: &'static str, message: &'static str) -> Self {
        Self {
            group,
            versions: 0..=u32::MAX,
            severity: "ERROR",
            sqlstate,
            message,
            detail: None,
            hint: None,
            context: &[],
        }
    }

    const fn notice(self) -> Self {
        Self {
            severity: "NOTICE",
            ..self
        }
    }

    const fn detail(self, detail: &'static str) -> Self {
        Self {
            detail: Some(detail),
            ..self
        }
    }

    const fn hint(self, hint: &'static str) -> Self {
        Self {
            hint: Some(hint),
            ..self
        }
    }

    const fn context(self, context: &'static [&'static str]) -> Self {
        Self { context, ..self }
    }

    const fn since(self, version: u32) -> Self {
        Self {
            versions: version..=u32::MAX,
            ..self
        }
    }

    const fn before(self, version: u32) -> Self {
        Self {
            versions: 0..=version - 1,
            ..self
        }
    }

    fn is(&self, report: &Report) -> bool {
        self.severity == report.severity
            && self.sqlstate == report.sqlstate
            && self.message == report.message
            && self.detail == report.detail.as_deref()
            && self.hint == report.hint.as_deref()
            && self.context == report.context
    }
}

const BUSY: &str = "another command is already in progress";
const NO_MESSAGE: &str = "could not obtain message string for remote error";
const ROW_TYPE: &str = "remote query result rowtype does not match the specified FROM clause rowtype";
const STATUS: &str = "function return row and query-specified return row do not match";
const NO_RECORD: &str = "function returning record called in context that cannot accept type record";
const DELEGATED: &str = "password or GSSAPI delegated credentials required";

fn known() -> Vec<Known> {
    let error = Known::error;
    vec![
        error("connections", "08003", "connection not available"),
        error("names", "08003", "connection \"missing\" not available"),
        error("connections", "42710", "duplicate connection name"),
        error("connections", "08001", "could not establish connection")
            .detail("missing \"=\" after \"nonsense\" in connection info string"),
        error("names", "08001", "could not establish connection")
            .detail("missing \"=\" after \"missing\" in connection info string"),
        error("connections", "2F003", "statement returning results not allowed"),
        error("passwords", "2F003", "password is required")
            .detail("Non-superusers must provide a password in the connection string.")
            .before(16),
        error("passwords", "2F003", "password is required")
            .detail("Non-superuser cannot connect if the server does not request a password.")
            .hint("Target server's authentication method must be changed.")
            .before(16),
        error("passwords", "2F003", DELEGATED)
            .detail(
                "Non-superusers must provide a password in the connection string or send delegated GSSAPI credentials.",
            )
            .since(16),
        error("passwords", "2F003", DELEGATED)
            .detail(
                "Non-superusers may only connect using credentials they provide, eg: password in connection string \
                 or delegated GSSAPI credentials",
            )
            .hint("Ensure provided credentials match target server's authentication method.")
            .since(16),
        error("passwords", "42501", "permission denied for function dblink_connect_u"),
        error("foreign_servers", "42501", "permission denied for foreign server fs"),
        error("foreign_servers", "42704", "user mapping not found for \"postgres\"").before(17),
        error("foreign_servers", "42704", "user mapping not found for user \"postgres\", server \"fs\"").since(17),
        error("builders", "42501", "permission denied for table secret"),
        error("builders", "2202E", "source key array length must match number of key attributes"),
        error("builders", "2202E", "target key array length must match number of key attributes"),
        error("builders", "22023", "number of key attributes must be > 0"),
        error("builders", "22023", "invalid attribute number 4"),
        error("builders", "21000", "source row not found"),
        error("builders", "21000", "source criteria matched more than one record"),
        error("builders", "42P01", "relation \"nowhere\" does not exist"),
        error("builders", "42601", "improper relation name (too many dotted names): a.b.c.d"),
        error("builders", "42809", "\"t_pkey\" is an index").before(16),
        error("builders", "42809", "cannot open relation \"t_pkey\"")
            .detail("This operation is not supported for indexes.")
            .since(18),
        error("queries", "42804", ROW_TYPE),
        error("cursors", "42804", ROW_TYPE),
        error("asynchronous", "42804", ROW_TYPE),
        error("queries", "42804", STATUS)
            .detail("Returned type text at ordinal position 1, but query expects integer."),
        error("queries", "42804", STATUS).detail("Returned row contains 1 attribute, but query expects 2."),
        error("overloads", "0A000", NO_RECORD),
        error("queries", "22012", "division by zero")
            .context(&["while executing query on dblink connection named \"n\""]),
        error("queries", "22012", "division by zero")
            .context(&["while executing query on dblink connection named \"n\""])
            .notice(),
        error("queries", "22012", "division by zero")
            .context(&["while executing command on dblink connection named \"n\""]),
        error("connections", "22012", "division by zero")
            .context(&["while executing query on unnamed dblink connection"]),
        error("connections", "42P01", "table \"nowhere\" does not exist")
            .context(&["while executing command on unnamed dblink connection"])
            .notice(),
        error("queries", "08006", NO_MESSAGE).context(&["while executing query on dblink connection named \"n\""]),
        error("remote_errors", "AB123", NO_MESSAGE).context(&[
            "PL/pgSQL function inline_code_block line 1 at RAISE",
            "while executing command on dblink connection named \"n\"",
        ]),
        error("remote_errors", "22012", "message")
            .detail("the detail")
            .hint("the hint")
            .context(&[
                "PL/pgSQL function inline_code_block line 1 at RAISE",
                "while executing query on dblink connection named \"n\"",
            ]),
        error("cursors", "34000", "cursor \"c\" does not exist")
            .context(&["while fetching from cursor \"c\" on dblink connection named \"n\""]),
        error("cursors", "34000", "cursor \"c\" does not exist")
            .context(&["while closing cursor \"c\" on dblink connection named \"n\""])
            .notice(),
        error("cursors", "42601", "syntax error at or near \"nonsense\"")
            .context(&["while opening cursor \"c\" on unnamed dblink connection"]),
        error(
            "cursors",
            "XX000",
            "commit error: ERROR:  insert or update on table \"f\" violates foreign key constraint \"f_a_fkey\"\n\
             DETAIL:  Key (a)=(1) is not present in table \"p\".",
        ),
        error("asynchronous", "XX000", "could not send query: another command is already in progress"),
        error("asynchronous", "00000", "could not send query: another command is already in progress").notice(),
        error("asynchronous", "08006", BUSY)
            .context(&["while executing command on dblink connection named \"n\""]),
        error("states", "08006", "no connection to the server")
            .context(&["while executing command on dblink connection named \"n\""]),
        error("remote_errors", "XX000", "could not send query: no connection to the server"),
        error("asynchronous", "57014", "canceling statement due to user request")
            .context(&["while executing query on dblink connection named \"n\""]),
        error("states", "25P02", "current transaction is aborted, commands ignored until end of transaction block")
            .context(&["while executing query on unnamed dblink connection"]),
        error(
            "names",
            "42622",
            "identifier \"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn\" will be truncated to \
             \"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn\"",
        )
        .notice(),
    ]
}

/// Fails unless each that is known of this group is among the reports.
pub(crate) fn check(group: &str, place: &Place, reports: &[Report]) {
    let version = place.cluster.version();
    for known in known() {
        if known.group == group && known.versions.contains(&version) {
            assert!(
                reports.iter().any(|report| known.is(report)),
                "{group}, PostgreSQL {version}: no {} {}: {}",
                known.severity,
                known.sqlstate,
                known.message
            );
        }
    }
}
