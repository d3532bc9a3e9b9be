//! How many statements a text holds.

use crate::lexer::{Lexer, Token};

/// How many statements a text holds, as far as that is certain. See [`count_statements`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatementCount {
    /// None: white space, comments and semicolons.
    None,
    /// One, or something that no server takes.
    One,
    /// Several, or one that only a parser can tell from several, or something that no server takes.
    MaybeSeveral,
}

/// How many statements a text holds: what [`StatementCount::One`] is said of is never taken for several by a server.
///
/// A server takes only one in the extended protocol. This function knows strings with and without backslashes, dollar quotes,
/// quoted identifiers and comments. `standard_conforming_strings` is the session's setting, which the server reports: if it is
/// off, a backslash escapes the next character in all strings.
///
/// Semicolons and comments may stand before and behind a statement. Inside they make [`StatementCount::MaybeSeveral`] of it,
/// also where they do not end it: in the body of a function between `BEGIN ATOMIC` and `END`, and in a rule with several
/// commands. So do a quote and a comment that are not closed.
///
/// ```
/// use dblink_sqlgen::{StatementCount, count_statements};
///
/// let count = |sql| count_statements(sql, true);
/// assert_eq!(count("select ';' /* ; */; -- ;"), StatementCount::One);
/// assert_eq!(count(r"select E'\';'"), StatementCount::One);
/// assert_eq!(count("select 1; select 2"), StatementCount::MaybeSeveral);
/// assert_eq!(count(" ; -- nothing"), StatementCount::None);
///
/// let tricky = r"select '\'; drop table t; --'";
/// assert_eq!(count_statements(tricky, true), StatementCount::MaybeSeveral);
/// assert_eq!(count_statements(tricky, false), StatementCount::One);
/// ```
///
/// PostgreSQL manual: [Lexical Structure](https://www.postgresql.org/docs/current/sql-syntax-lexical.html),
/// [`standard_conforming_strings`](https://www.postgresql.org/docs/current/runtime-config-compatible.html#GUC-STANDARD-CONFORMING-STRINGS).
pub fn count_statements(sql: &str, standard_conforming_strings: bool) -> StatementCount {
    let mut lexer = Lexer::new(sql, standard_conforming_strings);
    let mut count = StatementCount::None;
    let mut ended = false;
    loop {
        match lexer.next() {
            Ok(None) => return count,
            Ok(Some(Token::Semicolon)) => ended = count == StatementCount::One,
            Ok(Some(Token::Other)) if !ended => count = StatementCount::One,
            Ok(Some(Token::Other)) | Err(_) => return StatementCount::MaybeSeveral,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::StatementCount::{MaybeSeveral, None, One};
    use super::*;
    use crate::{quote_ident, quote_literal};

    #[track_caller]
    fn check(sql: &str, on: StatementCount, off: StatementCount) {
        assert_eq!(count_statements(sql, true), on, "on: {sql}");
        assert_eq!(count_statements(sql, false), off, "off: {sql}");
    }

    #[test]
    fn semicolons_divide() {
        for nothing in [
            "",
            " \t\r\n\x0c",
            ";",
            " ; ;; ",
            "-- ;",
            "/* ; */",
            "/* /* */ ; */;",
        ] {
            check(nothing, None, None);
        }
        for one in [
            "select",
            "select 1;",
            ";; select 1 ; ; ",
            "-- a\nselect 1; -- b",
            "table t;/**/",
        ] {
            check(one, One, One);
        }
        for several in [
            "a;b",
            "a;;b",
            "a;'b'",
            "a;\"b\"",
            "a;$$b$$",
            "a;1",
            "a;+",
            "a; -- b\nc",
            "a;/**/c",
        ] {
            check(several, MaybeSeveral, MaybeSeveral);
        }
    }

    #[test]
    fn a_semicolon_in_quotes_is_none() {
        for one in [
            "';'",
            "''';'",
            "\";\"",
            "\"\"\";\"",
            "$$;$$",
            "$a$;$$;$a$",
            "$é1$;$é1$",
            "$a$$b$;$a$",
            "E'\\';'",
            "e'\\\\' ",
            "B';'",
            "x';'",
            "N';'",
            "n';'",
            "E'''\\';'",
            "U&\";\"",
            "a$$",
            "a$b$",
            "$1",
            "$$$;$$",
            "1.5e-3",
            "1_000",
        ] {
            check(one, One, One);
        }
        check("U&';'", One, MaybeSeveral);
        check("u&'\\'", One, MaybeSeveral);
        check("U& ';'", One, One);
    }

    #[test]
    fn a_backslash_means_what_the_setting_says() {
        check("'\\'; b", MaybeSeveral, MaybeSeveral);
        check("'\\'; b'", MaybeSeveral, One);
        check("'\\''; b", MaybeSeveral, MaybeSeveral);
        check("N'\\'; b'", MaybeSeveral, One);
        check("'\\\\'; b'", MaybeSeveral, MaybeSeveral);
        check("B'\\'; b", MaybeSeveral, MaybeSeveral);
        check("\"\\\"; b", MaybeSeveral, MaybeSeveral);
        check("$$\\$$; b", MaybeSeveral, MaybeSeveral);
        // A letter that belongs to a word makes no string.
        check("like'\\'; b'", MaybeSeveral, One);
        check("aE'\\'; b'", MaybeSeveral, One);
        check("E '\\'; b'", MaybeSeveral, One);
        check("éE'\\'; b'", MaybeSeveral, One);
    }

    #[test]
    fn a_string_goes_on_in_the_next_line_as_it_began() {
        check("E'a'\n'\\'; b'", One, One);
        check("E'a' -- '\n\r '\\'; b'", One, One);
        check("E'a'--\n--;\n'\\'; b'", One, One);
        check("E'a' '\\'; b'", MaybeSeveral, One);
        check("E'a'/*\n*/'\\'; b'", MaybeSeveral, One);
        check("B'a'\n'\\'; b'", MaybeSeveral, MaybeSeveral);
        check("'a'\n'\\'; b'", MaybeSeveral, One);
        check("E'a'\n; b", MaybeSeveral, MaybeSeveral);
        check("E'a'\n", One, One);
    }

    #[test]
    fn comments_hide_quotes_and_quotes_hide_comments() {
        for one in [
            "a -- ' \n ",
            "a /* ' */",
            "a /* \" ; */;",
            "a /* /* ; */ ; */",
            "'--' a",
            "'/*'",
            "\"/*\"",
            "$$--$$",
            "a--;",
            "a+--;\n+",
            "a*/*;*/",
            "a/*;**/",
            "a/*/;*/",
            "a/***/",
            "a -- \r ",
        ] {
            check(one, One, One);
        }
        check("a -- ' \n; b", MaybeSeveral, MaybeSeveral);
        check("a -- ' \r; b", MaybeSeveral, MaybeSeveral);
        check("a /* /* */ */; b", MaybeSeveral, MaybeSeveral);
        check("a $b$ -- \n $b$; c", MaybeSeveral, MaybeSeveral);
    }

    #[test]
    fn what_is_not_closed_is_not_certain() {
        for open in [
            "'", "a '", "\"", "$$", "$a$ $b$", "/*", "/* /* */", "E'\\'", "E'\\", "$a$;$A$", "'\0'", "\0",
            "1'a'", "1e'a'", "1$a$", "$1'a'", "$1$a$",
        ] {
            check(open, MaybeSeveral, MaybeSeveral);
        }
    }

    #[test]
    fn a_body_is_not_cut() {
        let function = "create function f() returns int begin atomic select 1; select 2; end";
        check(function, MaybeSeveral, MaybeSeveral);
        let rule = "create rule r as on insert to t do also (select 1; select 2)";
        check(rule, MaybeSeveral, MaybeSeveral);
        let quoted = "create function f() returns int language sql as $f$ select 1; select 2; $f$;";
        check(quoted, One, One);
    }

    proptest! {
        #[test]
        fn what_is_quoted_ends_nothing(text in r#"(['"\\;$aE\n \-]|\$\$|/\*|--|é){0,10}"#, on in any::<bool>()) {
            let literal = quote_literal(&text).unwrap();
            let name = quote_ident(&text).unwrap();
            let one = format!("select {literal} as {name}, -{literal}, {literal}\n{literal}");
            prop_assert_eq!(count_statements(&one, on), One);
            let two = format!("select {literal} as {name}; select {literal}");
            prop_assert_eq!(count_statements(&two, on), MaybeSeveral);
        }

        #[test]
        fn semicolons_at_the_ends_change_nothing(text in r#"(['"\\;$aEBU&1\n \-]|\$\$|/\*|\*/|--|é){0,10}"#, on in any::<bool>()) {
            let count = count_statements(&text, on);
            prop_assert_eq!(count_statements(&format!("; /* ; */ {text}"), on), count);
            if count != MaybeSeveral {
                prop_assert_eq!(count_statements(&format!("{text}\n;"), on), count);
            }
        }
    }
}
