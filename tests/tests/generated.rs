//! The generated lists hold what the server under test knows. If not, they are to be generated anew.

// Tests report by panicking.
#![allow(clippy::panic)]

use dblink_protocol::{SqlState, oid};
use dblink_sqlgen::quote_ident;
use dblink_tests::{Cluster, lists};

/// A release may bring a code or two before the lists are generated from it.
const NEW_IN_A_RELEASE: usize = 3;

#[test]
fn every_sqlstate_has_its_conditions_name() {
    let codes = lists::error_codes(Cluster::shared());
    assert!(codes.len() > 200, "{} codes", codes.len());
    let mut unknown = Vec::new();
    for code in codes {
        // A second macro of a code has no name of its own.
        let Some(condition) = code.condition else { continue };
        match sqlstate(&code.sqlstate).condition_name() {
            Some(name) => assert_eq!(name, condition, "{}", code.sqlstate),
            None => unknown.push(code.sqlstate),
        }
    }
    assert!(
        unknown.len() <= NEW_IN_A_RELEASE,
        "generate the lists again: {unknown:?}"
    );
    assert_eq!(sqlstate("ZZ999").condition_name(), None);
}

#[test]
fn every_type_has_its_name() {
    let types = lists::types(Cluster::shared());
    assert!(types.len() > 150, "{} types", types.len());
    let mut unknown = Vec::new();
    for ty in types {
        match oid::name(ty.oid) {
            Some(name) => assert_eq!(name, ty.name, "{}", ty.oid),
            None => unknown.push(ty.name),
        }
    }
    assert!(
        unknown.len() <= NEW_IN_A_RELEASE,
        "generate the lists again: {unknown:?}"
    );
    assert_eq!(oid::name(0), None);
}

/// One that is missing would be a wrong name, or an error, on this server: all have to be there.
#[test]
fn every_keyword_that_needs_it_is_quoted() {
    let words = lists::quoted_keywords(Cluster::shared());
    assert!(words.len() > 140, "{} keywords", words.len());
    for word in words {
        assert_eq!(
            quote_ident(&word).as_deref(),
            Ok(&*format!("\"{word}\"")),
            "generate the lists again"
        );
    }
}

fn sqlstate(code: &str) -> SqlState {
    SqlState::from_bytes(code.as_bytes()).unwrap_or_else(|| panic!("{code} is no SQLSTATE"))
}

#[test]
fn constants_have_the_values_that_users_know() {
    assert_eq!(SqlState::UNDEFINED_TABLE, sqlstate("42P01"));
    assert_eq!(SqlState::STRING_DATA_RIGHT_TRUNCATION, sqlstate("22001"));
    assert_eq!(SqlState::WARNING_STRING_DATA_RIGHT_TRUNCATION, sqlstate("01004"));
    assert_eq!(SqlState::SNAPSHOT_TOO_OLD, sqlstate("72000"));
    assert_eq!(
        (oid::INT4, oid::INT4_ARRAY, oid::CHAR, oid::BPCHAR),
        (23, 1007, 18, 1042)
    );
}
