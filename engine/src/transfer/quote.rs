//! Names as SQL has them.

/// The name in double quotes, in which it is that name whatever is in it.
///
/// PostgreSQL manual:
/// [Identifiers and Key Words](https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS).
pub(super) fn quote_ident(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The names, each in double quotes, with commas between them.
pub(super) fn quote_list(names: &[String]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| quote_ident(name)).collect();
    quoted.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_name() {
        assert_eq!(quote_ident("t"), r#""t""#);
        assert_eq!(quote_ident(r#"a"; drop table "b"#), r#""a""; drop table ""b""#);
        assert_eq!(quote_list(&["a".to_owned(), "B c".to_owned()]), r#""a", "B c""#);
    }
}
