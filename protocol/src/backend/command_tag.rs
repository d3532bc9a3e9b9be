//! The parts of a command tag.

use std::str::FromStr;

use crate::wire::WireStr;

/// What a command tag says: which command it was, and how many rows it concerned.
///
/// ```
/// use dblink_protocol::backend::CommandTag;
///
/// let tag = CommandTag::parse("INSERT 0 5".into());
/// assert_eq!(tag.verb, "INSERT");
/// assert_eq!(tag.rows, Some(5));
/// assert_eq!(CommandTag::parse("CREATE TABLE".into()).rows, None);
/// ```
///
/// PostgreSQL manual: [CommandComplete](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-COMMANDCOMPLETE).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandTag<'a> {
    /// The command's name, as in `INSERT` or `CREATE TABLE`.
    pub verb: WireStr<'a>,
    /// The object identifier that INSERT gives; 0 since PostgreSQL 12.
    pub oid: Option<u32>,
    /// How many rows were inserted, updated, deleted, merged, selected, moved over, fetched or copied.
    pub rows: Option<u64>,
}

impl<'a> CommandTag<'a> {
    /// The parts of `tag`. One that has no known form is all verb.
    pub fn parse(tag: WireStr<'a>) -> Self {
        let bytes = tag.as_bytes();
        if let Some((command, rows)) = split_number(bytes) {
            match split_number(command) {
                None => return Self::new(command, None, Some(rows)),
                Some((b"INSERT", oid)) => return Self::new(b"INSERT", Some(oid), Some(rows)),
                Some(_) => {}
            }
        }
        Self::new(bytes, None, None)
    }

    const fn new(verb: &'a [u8], oid: Option<u32>, rows: Option<u64>) -> Self {
        Self {
            verb: WireStr::new(verb),
            oid,
            rows,
        }
    }
}

/// Takes a number that follows the last space off the end; something must stand in front of it.
fn split_number<N: FromStr>(bytes: &[u8]) -> Option<(&[u8], N)> {
    let space = bytes.iter().rposition(|&byte| byte == b' ')?;
    let (head, number) = bytes.split_at_checked(space)?;
    let number = number.strip_prefix(b" ")?;
    // `from_str` would take a sign too.
    if head.is_empty() || !number.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some((head, str::from_utf8(number).ok()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(tag: &str, verb: &str, oid: Option<u32>, rows: Option<u64>) {
        assert_eq!(
            CommandTag::parse(tag.into()),
            CommandTag {
                verb: verb.into(),
                oid,
                rows
            },
            "{tag:?}"
        );
    }

    #[test]
    fn an_insert_has_an_oid_and_rows() {
        check("INSERT 0 5", "INSERT", Some(0), Some(5));
        check("INSERT 4294967295 1", "INSERT", Some(u32::MAX), Some(1));
    }

    #[test]
    fn others_have_rows() {
        for verb in ["SELECT", "UPDATE", "DELETE", "MERGE", "MOVE", "FETCH", "COPY"] {
            check(&format!("{verb} 0"), verb, None, Some(0));
            check(&format!("{verb} {}", u64::MAX), verb, None, Some(u64::MAX));
        }
    }

    #[test]
    fn most_have_neither() {
        for verb in ["CREATE TABLE", "BEGIN", "COPY", "UPDATE", ""] {
            check(verb, verb, None, None);
        }
    }

    #[test]
    fn what_has_no_known_form_is_all_verb() {
        for tag in [
            "SELECT +3",
            "SELECT -3",
            "SELECT 3 ",
            "SELECT 18446744073709551616",
            "SELECT 1 2",
            "INSERT 0 x",
            "5",
            " 5",
            " ",
        ] {
            check(tag, tag, None, None);
        }
    }

    proptest! {
        #[test]
        fn every_row_count_is_found(verb in "[A-Z]+( [A-Z]+)?", rows: u64) {
            check(&format!("{verb} {rows}"), &verb, None, Some(rows));
        }

        #[test]
        fn nothing_fails(tag: Vec<u8>) {
            let verb = CommandTag::parse(WireStr::new(&tag)).verb;
            prop_assert!(tag.starts_with(verb.as_bytes()));
        }
    }
}
