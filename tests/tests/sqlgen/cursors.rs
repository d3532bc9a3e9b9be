//! Cursors' names, put into statements as dblink does it.

use std::cell::RefCell;

use dblink_sqlgen::{CursorDeclaration, CursorName};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::support::Session;

/// Declares, fetches and closes.
#[test]
fn a_cursor_is_known_by_its_name() {
    let mut session = Session::new();
    for (text, name, scrolls) in [
        ("c", "c", true),
        ("Rows_2$", "rows_2$", true),
        (" \"Rows\" ", "Rows", true),
        ("\"; drop table t; --\"", "; drop table t; --", true),
        ("\"a\"\"b\nc\"", "a\"b\nc", true),
        ("été", "été", true),
        ("scroll", "scroll", true),
        ("c no  scroll", "c", false),
        ("\"c\"SCROLL insensitive", "c", true),
    ] {
        let declaration = CursorDeclaration::parse(text).unwrap();
        let cursor = declaration.name();
        session.rows(&format!(
            "begin; declare {declaration} cursor for values (1), (2)"
        ));
        assert_eq!(
            session.rows("select name, is_scrollable::text from pg_cursors"),
            [[Some(name.to_owned()), Some(scrolls.to_string())]]
        );
        assert_eq!(
            session.rows(&format!("fetch 1 from {cursor}")),
            [[Some("1".to_owned())]]
        );
        session.rows(&format!("close {cursor}"));
        assert!(session.rows("select from pg_cursors").is_empty());
        session.rows("commit");
    }
}

/// What is taken makes one cursor or, being a reserved word, an error; never anything else.
#[test]
fn nothing_but_a_cursor_comes_of_a_name() {
    let session = RefCell::new(Session::new());
    let mut runner = TestRunner::new(Config {
        cases: 5000,
        failure_persistence: None,
        ..Config::default()
    });
    let texts = r#"(["ac$1_é;'\\.*\n-]| |scroll|no scroll|binary|all|select|/\*|cursor for){0,6}"#;
    let taken = RefCell::new(0);
    let tested = runner.run(&texts, |text| {
        let Ok(declaration) = CursorDeclaration::parse(&text) else {
            return Ok(());
        };
        let mut session = session.borrow_mut();
        session.rows("begin");
        match session.run(&format!("declare {declaration} cursor for select 1")) {
            Ok(_) => {
                *taken.borrow_mut() += 1;
                let name = declaration.name();
                prop_assert_eq!(session.rows("select from pg_cursors").len(), 1);
                prop_assert_eq!(&CursorName::parse(name.as_str()).unwrap(), name);
                session.rows(&format!("fetch 1 from {name}; close {name}"));
                prop_assert!(session.rows("select from pg_cursors").is_empty());
            }
            // `binary` and `select` are reserved; SCROLL and NO SCROLL do not go together.
            Err(error) => prop_assert!(
                error.starts_with("42601") || error.starts_with("42P11"),
                "{error}"
            ),
        }
        session.rows("rollback");
        Ok(())
    });
    tested.unwrap();
    assert!(taken.take() > 300);
}
