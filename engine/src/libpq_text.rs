//! An error as libpq puts it into words: what `dblink_error_message` gives, and what psql prints.
//!
//! The place that an error points at in a statement is shown, as with psql:
//!
//! ```
//! use dblink_engine::libpq_text::error_text;
//! # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
//! # let mut connection = Connection::connect(&server).await?;
//! let statement = "select nobody";
//! let error = connection.query_all(statement, &[]).await.unwrap_err();
//! assert_eq!(
//!     error_text(&error, Some(statement)),
//!     "ERROR:  column \"nobody\" does not exist\n\
//!      LINE 1: select nobody\n\
//!     \x20              ^"
//! );
//! # Ok(())
//! # }
//! ```

use std::fmt::Write as _;
use std::io;

use dblink_protocol::backend::{Diagnostic, Severity};
use dblink_protocol::handshake::HandshakeError;

use crate::connection::{Closed, Error, OpenError};
use crate::net::{AttemptError, ConnectError};

/// What libpq says when a server has gone without a word.
const LOST: &str = "server closed the connection unexpectedly\n\
    \tThis probably means the server terminated abnormally\n\
    \tbefore or while processing the request.";

/// What libpq says when a command is given on a connection that is gone.
pub(crate) const GONE: &str = "no connection to the server";

/// What libpq says when results of another command are still to come.
pub(crate) const BUSY: &str = "another command is already in progress";

/// How much of a line is shown, in columns of a terminal, around the place of an error.
const WIDTH: usize = 60;
/// How much of that is behind the place, at least.
const BEHIND: usize = 10;

/// The text of an error, with what `query` it is about; without a line feed at its end.
pub fn error_text(error: &Error, query: Option<&str>) -> String {
    match error {
        Error::Server(diagnostic) => diagnostic_text(diagnostic, query),
        Error::Closed(closed) => closed_text(closed),
        error => error.to_string(),
    }
}

/// Why there is no connection, every address one below the other.
pub fn connect_text(error: &ConnectError) -> String {
    let texts = error.attempts.iter().map(|attempt| {
        let cause = match &attempt.cause {
            AttemptError::Open(OpenError::Handshake(HandshakeError::Refused(diagnostic))) => {
                diagnostic_text(diagnostic, None)
            }
            cause => cause.to_string(),
        };
        attempt.text(&cause)
    });
    texts.collect::<Vec<_>>().join("\n")
}

/// The operating system's text for an error, without the number that Rust adds.
pub fn system_text(error: &io::Error) -> String {
    let text = error.to_string();
    let number = error.raw_os_error().map(|code| format!(" (os error {code})"));
    match number.and_then(|number| text.strip_suffix(&number)) {
        Some(text) => text.into(),
        None => text,
    }
}

/// Why a connection is closed. The server's reason is told before libpq's, unless it came as a notice, as libpq's users get it.
pub fn closed_text(closed: &Closed) -> String {
    use dblink_protocol::conversation::Ending;
    match closed {
        Closed::Ended(Ending::Server(diagnostic)) if diagnostic.severity() != Severity::Warning => {
            format!("{}\n{LOST}", diagnostic_text(diagnostic, None))
        }
        Closed::Ended(Ending::Server(_) | Ending::Closed) => LOST.to_owned(),
        Closed::Ended(Ending::Terminated) => GONE.to_owned(),
        closed => closed.to_string(),
    }
}

/// What a server says, as libpq shows it.
///
/// PostgreSQL manual: [`PQresultErrorMessage`](https://www.postgresql.org/docs/current/libpq-exec.html#LIBPQ-PQRESULTERRORMESSAGE).
pub fn diagnostic_text(diagnostic: &Diagnostic, query: Option<&str>) -> String {
    let mut text = String::new();
    if let Some(severity) = diagnostic.severity_text() {
        let _ = write!(text, "{severity}:  ");
    }
    match diagnostic.message() {
        Some(message) => {
            let _ = write!(text, "{message}");
        }
        None => text.push_str("missing error text"),
    }
    match (diagnostic.position(), query) {
        (Some(position), Some(query)) => point_at(&mut text, query, position),
        (Some(position), None) => {
            let _ = write!(text, " at character {position}");
        }
        (None, _) => {
            if let (Some(position), Some(query)) =
                (diagnostic.internal_position(), diagnostic.internal_query())
            {
                point_at(&mut text, &query.to_string(), position);
            }
        }
    }
    let lines = [
        ("DETAIL", diagnostic.detail()),
        ("HINT", diagnostic.hint()),
        ("QUERY", diagnostic.internal_query()),
        ("CONTEXT", diagnostic.context()),
    ];
    for (title, line) in lines {
        if let Some(line) = line {
            let _ = write!(text, "\n{title}:  {line}");
        }
    }
    text
}

/// Appends the line of `query` that the character at `position` is in, and a caret that points at it; before each a line feed.
/// The first character is 1.
pub fn point_at(text: &mut String, query: &str, position: u32) {
    let Some(at) = usize::try_from(position)
        .ok()
        .and_then(|position| position.checked_sub(1))
    else {
        return;
    };
    let characters: Vec<char> = query.chars().map(|c| if c == '\t' { ' ' } else { c }).collect();
    let at = at.min(characters.len());
    let before = characters.get(..at).unwrap_or_default();
    let behind = characters.get(at..).unwrap_or_default();
    // "\r\n" ends one line, not two.
    let number = 1 + before
        .iter()
        .enumerate()
        .filter(|(index, c)| {
            **c == '\n' && (*index == 0 || before.get(index - 1) != Some(&'\r')) || **c == '\r'
        })
        .count();
    let start = before
        .iter()
        .rposition(|c| matches!(c, '\n' | '\r'))
        .map_or(0, |index| index + 1);
    let rest = behind.iter().position(|c| matches!(c, '\n' | '\r'));
    let end = at + rest.unwrap_or(behind.len());
    let widths: Vec<usize> = characters.iter().map(|c| width(*c)).collect();
    let (from, to, cut_left, cut_right) = shown(&widths, start, end, at);
    let _ = write!(text, "\nLINE {number}: ");
    let title = format!("LINE {number}: ").len();
    let left = if cut_left { "..." } else { "" };
    let right = if cut_right { "..." } else { "" };
    text.push_str(left);
    text.extend(characters.get(from..to).unwrap_or_default());
    text.push_str(right);
    text.push('\n');
    let width: usize = widths.get(from..at).unwrap_or_default().iter().sum();
    text.extend(std::iter::repeat_n(' ', title + left.len() + width));
    text.push('^');
}

/// Which characters of a line from `start` to `end` are shown when `at` is pointed at, and whether it is cut. Characters may be
/// wide.
fn shown(widths: &[usize], start: usize, end: usize, at: usize) -> (usize, usize, bool, bool) {
    // The columns before each character: a line may be long.
    let sums: Vec<usize> = std::iter::once(0)
        .chain(widths.iter().scan(0, |sum, width| {
            *sum += width;
            Some(*sum)
        }))
        .collect();
    let before = |at: usize| sums.get(at).or_else(|| sums.last()).copied().unwrap_or_default();
    let columns = |from: usize, to: usize| before(to).saturating_sub(before(from));
    let (mut from, mut to) = (start, end);
    if columns(start, end) <= WIDTH {
        return (start, end, false, false);
    }
    // Near the beginning, the end is cut; elsewhere what is far behind the place, and then the beginning.
    let is_near = columns(start, at) + BEHIND <= WIDTH;
    while to > at
        && if is_near {
            columns(start, to) > WIDTH
        } else {
            columns(at, to) > BEHIND
        }
    {
        to -= 1;
    }
    while !is_near && columns(from, to) > WIDTH {
        from += 1;
    }
    (from, to, from > start, to < end)
}

/// How many columns a character takes on a terminal, roughly: East Asian ones take two.
fn width(c: char) -> usize {
    let wide = matches!(u32::from(c),
        0x1100..=0x115f | 0x2e80..=0x303e | 0x3041..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f | 0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x1f300..=0x1faff | 0x20000..=0x3fffd);
    if wide { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointed(query: &str, position: u32) -> String {
        let mut text = String::new();
        point_at(&mut text, query, position);
        text
    }

    #[test]
    fn errors_of_the_system_read_as_in_c() {
        assert_eq!(
            system_text(&io::Error::from_raw_os_error(2)),
            "No such file or directory"
        );
        assert_eq!(
            system_text(&io::Error::other("odd (os error 2)")),
            "odd (os error 2)"
        );
    }

    #[test]
    fn a_short_line_is_shown_whole() {
        assert_eq!(pointed("select x", 8), "\nLINE 1: select x\n               ^");
        assert_eq!(pointed("select 1,\r\n\tx", 13), "\nLINE 2:  x\n         ^");
        // At the end of the input.
        assert_eq!(pointed("select", 7), "\nLINE 1: select\n              ^");
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let query = format!("select {}, x, {}", "1".repeat(80), "2".repeat(80));
        let place = u32::try_from(query.find('x').unwrap() + 1).unwrap();
        let text = pointed(&query, place);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[1].len(), "LINE 1: ......".len() + WIDTH);
        assert_eq!(lines[1].find('x'), lines[2].find('^'));
    }

    #[test]
    fn wide_characters_take_two_columns() {
        let wide = "日本語".repeat(20);
        assert_eq!(
            pointed(&format!("select x, '{wide}'"), 8),
            format!("\nLINE 1: select x, '{}...\n               ^", "日本語".repeat(8))
        );
        assert_eq!(
            pointed(&format!("select '{wide}', x, '{wide}'"), 72),
            format!(
                "\nLINE 1: ...本語{}', x, '日本語...\n{}^",
                "日本語".repeat(7),
                " ".repeat(60)
            )
        );
    }

    #[test]
    fn a_line_may_be_very_long() {
        // In time that grows with the line, not with its square.
        let query = format!("select {} nope", "1,".repeat(1_000_000));
        let place = u32::try_from(query.len() - 3).unwrap();
        assert!(pointed(&query, place).ends_with('^'));
    }

    #[test]
    fn any_position_is_pointed_at_without_a_panic() {
        for query in ["", "\n", "\r\n\r\n", "añb\tc", &"日本".repeat(70)] {
            for position in 0..200 {
                drop(pointed(query, position));
            }
        }
    }
}
