//! Quoting, compared with the server's own functions.

use std::cell::RefCell;

use dblink_sqlgen::{quote_ident, quote_literal, quote_nullable, quote_qualified_identifier};
use dblink_tests::Cluster;
use proptest::prelude::*;

use crate::support::{HOSTILE, Row, Session, for_lists, text_array};

/// Runs a test with the hostile texts, and with lists of quotes and their like, of any characters, of words, and of keywords.
fn for_texts(session: Session, test: impl Fn(&mut Session, &[String])) {
    let session = RefCell::new(session);
    let words = session.borrow_mut().rows("select word from pg_get_keywords()");
    let words: Vec<_> = words.into_iter().map(|row| row[0].clone().unwrap()).collect();
    let texts = prop_oneof![
        r#"(['"\\;$a_1 \n-]|\$\$|/\*|E'|é){0,12}"#,
        "[^\0]{0,20}",
        "[a-zA-Z0-9_$]{0,6}",
        proptest::sample::select(words),
    ];
    test(&mut session.borrow_mut(), &HOSTILE.map(str::to_owned));
    for_lists(texts, |texts| test(&mut session.borrow_mut(), &texts));
}

/// The texts, each with the name, the constant and the constant with NULL that the server makes of it.
fn quoted_by_the_server(session: &mut Session, texts: &[String]) -> Vec<Row> {
    let query = "select t, quote_ident(t), quote_literal(t), quote_nullable(t), format('%I.%I', t, t) \
                 from unnest($1::text[]) with ordinality as texts(t, n) order by n";
    session
        .run_with(query, &[Some(&text_array(texts.iter().map(Some)))])
        .unwrap()
}

/// Every word that the newest server quotes is quoted, by whatever server it is compared with.
fn is_newer_keyword(name: &str, quoted: &str) -> bool {
    const SINCE_16_AND_17: [&str; 13] = [
        "json",
        "json_array",
        "json_arrayagg",
        "json_exists",
        "json_object",
        "json_objectagg",
        "json_query",
        "json_scalar",
        "json_serialize",
        "json_table",
        "json_value",
        "merge_action",
        "system_user",
    ];
    Cluster::shared().version() < 17 && SINCE_16_AND_17.contains(&name) && quoted == format!("\"{name}\"")
}

#[test]
fn names_and_values_are_quoted_as_the_server_does() {
    for_texts(Session::new(), |session, texts| {
        for (text, row) in texts.iter().zip(quoted_by_the_server(session, texts)) {
            let [read, name, literal, nullable, qualified] = <[Option<String>; 5]>::try_from(row).unwrap();
            assert_eq!(read.as_ref(), Some(text));
            let quoted = quote_ident(text).unwrap();
            if !is_newer_keyword(text, &quoted) {
                assert_eq!(Some(quoted.into_owned()), name);
                assert_eq!(quote_qualified_identifier(Some(text), text).ok(), qualified);
            }
            assert_eq!(quote_literal(text).ok(), literal);
            assert_eq!(quote_nullable(Some(text)).ok(), nullable);
        }
    });
    let null = Session::new().rows("select quote_nullable(null)");
    assert_eq!(quote_nullable(None).ok(), null[0][0]);
}

/// Whatever `standard_conforming_strings` says.
#[test]
fn the_server_reads_back_what_was_quoted() {
    for setting in ["on", "off"] {
        let mut session = Session::new();
        session.rows(&format!(
            "set standard_conforming_strings = {setting}; set escape_string_warning = off"
        ));
        for_texts(session, |session, texts| {
            // A comment would begin at the minus, and a name would be longer or shorter.
            let items = texts.iter().map(|text| {
                let (constant, minus_one) = (quote_literal(text).unwrap(), quote_literal("-1").unwrap());
                let name = quote_ident(name_of(text)).unwrap();
                format!("{constant}||(1 -{minus_one}) as {name}")
            });
            let sql = format!("select {}", items.collect::<Vec<_>>().join(","));
            let values: Vec<_> = texts.iter().map(|text| Some(format!("{text}2"))).collect();
            assert_eq!(session.rows(&sql), [values]);
            let names: Vec<_> = texts.iter().map(|text| name_of(text)).collect();
            assert_eq!(session.column_names(&sql), names);
        });
    }
}

/// The text if it can be a name: the server cuts a long one, and takes no empty one.
fn name_of(text: &str) -> &str {
    if text.is_empty() || text.len() > 63 {
        "x"
    } else {
        text
    }
}
