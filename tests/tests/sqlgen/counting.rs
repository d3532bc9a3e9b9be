//! How many statements there are in a text, compared with what the server takes for one.

use std::cell::RefCell;

use dblink_sqlgen::{StatementCount, count_statements};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::support::{Session, for_lists};

/// Runs a test with lists of texts, for each value of `standard_conforming_strings`.
fn for_both_settings<T: std::fmt::Debug>(
    texts: impl Fn(bool) -> BoxedStrategy<T>,
    test: impl Fn(&mut Session, bool, Vec<T>),
) {
    for conforming in [true, false] {
        let mut session = Session::new();
        session.rows(&format!(
            "set standard_conforming_strings = {conforming}; set escape_string_warning = off"
        ));
        let session = RefCell::new(session);
        for_lists(texts(conforming), |texts| {
            test(&mut session.borrow_mut(), conforming, texts);
        });
    }
}

/// Whether the server found several statements, which it says only if each of them is well-formed.
fn found_several(answer: &Result<(), String>) -> bool {
    let several = "42601 cannot insert multiple commands into a prepared statement";
    answer.as_ref().is_err_and(|error| error == several)
}

/// Most of these are no SQL, but many are that to a reader who takes a wrong turn.
#[test]
fn nothing_that_is_called_one_is_several() {
    let soup = |_| {
        const PIECES: &[&str] = &[
            "'", "'", "\"", "\\", ";", ";", " ", "\n", "--", "/*", "*/", "$$", "$a$", "$", "E'", "e", "B'",
            "X'", "N'", "U&'", "U&\"", "&", "1", "$1", ".", "(", ")", ",", "a", "é", "select 1", "select",
            "select'", "-", "\t", "\r", "\x0c",
        ];
        let pieces =
            |most| vec(proptest::sample::select(PIECES), 0..=most).prop_map(|pieces| pieces.concat());
        prop_oneof![
            pieces(14),
            (pieces(3), pieces(3)).prop_map(|(one, two)| format!("select {one};{two}")),
            (pieces(2), pieces(3), pieces(2))
                .prop_map(|(one, two, three)| format!("select 1{one};{two}select '{three}'")),
        ]
        .boxed()
    };
    let several = RefCell::new(0);
    for_both_settings(soup, |session, conforming, texts| {
        for (text, answer) in texts.iter().zip(session.prepare_each(&texts)) {
            let count = count_statements(text, conforming);
            if found_several(&answer) {
                *several.borrow_mut() += 1;
                assert_eq!(count, StatementCount::MaybeSeveral, "{text:?}");
            }
            if count == StatementCount::None {
                assert_eq!(answer, Ok(()), "{text:?}");
            }
        }
    });
    assert!(several.take() > 100);
}

/// What may stand between two tokens.
fn space() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(
        &[
            " ",
            "\n",
            "\t \r\x0c",
            "-- ; ' \" $$\n",
            "--\r",
            "/* ; */",
            "/* ' /* \" */ $$ **/",
            "/*/;*/",
            "/**/",
            "-- /*\n",
        ][..],
    )
}

/// A string constant, whatever `standard_conforming_strings` is.
fn constant(conforming: bool) -> impl Strategy<Value = String> {
    let inside = |pieces: &'static [&'static str]| {
        vec(proptest::sample::select(pieces), 0..6).prop_map(|pieces| pieces.concat())
    };
    let with_backslash = &["\\'", "\\\\", "''", ";", "--", "/*", "\"", "$$", "\n", "é", "x"][..];
    let without_backslash = &["\\", "''", ";", "--", "*/", "\"", "$$", "\n", "é", "x"][..];
    let plain = if conforming {
        without_backslash
    } else {
        with_backslash
    };
    let go_on = proptest::sample::select(&["\n", " -- ; '\n", "\r--\n \t"][..]);
    prop_oneof![
        inside(plain).prop_map(|text| format!("'{text}'")),
        inside(plain).prop_map(|text| format!("N'{text}'")),
        inside(with_backslash).prop_map(|text| format!("E'{text}'")),
        (inside(with_backslash), go_on.clone(), inside(with_backslash))
            .prop_map(|(text, go_on, more)| format!("e'{text}'{go_on}'{more}'")),
        (inside(plain), go_on, inside(plain))
            .prop_map(|(text, go_on, more)| format!("'{text}'{go_on}'{more}'")),
        inside(&["'", "\\", ";", "\"", "$a ", "$b$", "$$", "--", "/*"])
            .prop_map(|text| format!("$a$ {text} $a$")),
        inside(&["'", "\\", ";", "\"", "$a$ ", "--", "/*"]).prop_map(|text| format!("$$ {text}$$")),
        inside(&["''", ";", "\\", "\"\"", "--"]).prop_map(|text| format!("1 as \" {text}\"")),
        Just("B'01'".to_owned()),
        Just("x'1f'".to_owned()),
        Just("-1.5e-3".to_owned()),
        Just("1 as a$b$c".to_owned()),
    ]
}

/// A text with as many statements as it says.
fn statements(conforming: bool) -> BoxedStrategy<(usize, String)> {
    let statement = (space(), vec((constant(conforming), space()), 1..4)).prop_map(|(space, constants)| {
        let constants: Vec<_> = constants
            .into_iter()
            .map(|(constant, space)| format!("{constant}{space}"))
            .collect();
        format!("select{space}{}", constants.join(","))
    });
    (
        space(),
        vec(
            (
                statement,
                proptest::sample::select(&[";", ";;", "; -- ;\n;", "\n;/* ; */"][..]),
            ),
            0..3,
        ),
        any::<bool>(),
    )
        .prop_map(|(space, statements, is_ended)| {
            let count = statements.len();
            let mut text = space.to_owned();
            for (number, (statement, end)) in statements.iter().enumerate() {
                text.push_str(statement);
                text.push_str(if is_ended || number + 1 < count { end } else { "" });
            }
            (count, text)
        })
        .boxed()
}

#[test]
fn statements_are_counted_as_the_server_does() {
    for_both_settings(statements, |session, conforming, counted| {
        let texts: Vec<_> = counted.iter().map(|(_, text)| text.clone()).collect();
        for ((count, text), answer) in counted.iter().zip(session.prepare_each(&texts)) {
            let expected = match count {
                0 => StatementCount::None,
                1 => StatementCount::One,
                _ => StatementCount::MaybeSeveral,
            };
            assert_eq!(count_statements(text, conforming), expected, "{text}");
            assert_eq!(found_several(&answer), *count > 1, "{text}\n{answer:?}");
            assert!(*count > 1 || answer.is_ok(), "{text}\n{answer:?}");
        }
    });
}

/// One statement to the server; who does not parse it cannot know.
#[test]
fn a_body_with_semicolons_is_one_to_the_server() {
    let mut session = Session::new();
    session.rows("create temp table t (a int)");
    for sql in [
        "create function pg_temp.f() returns int begin atomic select 1; select 2; end",
        "create rule r as on insert to t do also (select 1; select 2)",
    ] {
        assert_eq!(session.prepare_each(&[sql.to_owned()]), [Ok(())]);
        assert_eq!(count_statements(sql, true), StatementCount::MaybeSeveral);
    }
}
