//! Connection strings and URIs, read by both.

use std::ffi::CString;

use dblink_engine::conninfo::Conninfo;

use super::generate::Generator;
use super::strings::{STRINGS, each_keyword};

/// What both make of a string: options, or a message.
#[track_caller]
fn assert_same(text: &[u8]) {
    let theirs = dblink_oracle::parse(&CString::new(text).unwrap());
    let ours = Conninfo::parse(text);
    let shown = text.escape_ascii();
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) => {
            let ours: Vec<_> = ours
                .iter()
                .map(|setting| (setting.keyword().name().to_owned(), setting.expose().to_vec()))
                .collect();
            assert_eq!(ours, theirs, "{shown}");
        }
        (Err(ours), Err(theirs)) => {
            assert!(
                is_same_message(&ours.to_string(), &theirs),
                "{shown}\n ours: {ours}\n libpq: {}",
                String::from_utf8_lossy(&theirs)
            );
        }
        (ours, theirs) => panic!("{shown}\n ours: {ours:?}\n libpq: {theirs:?}"),
    }
}

/// Whether the messages are the same. Where ours has `***`, libpq's may have anything.
pub(crate) fn is_same_message(ours: &str, theirs: &[u8]) -> bool {
    let theirs = String::from_utf8_lossy(theirs);
    let mut parts = ours.split("***");
    let Some(mut rest) = parts.next().and_then(|first| theirs.strip_prefix(first)) else {
        return false;
    };
    let parts: Vec<_> = parts.collect();
    for (at, part) in parts.iter().enumerate() {
        let found = if at + 1 == parts.len() {
            rest.len()
                .checked_sub(part.len())
                .filter(|_| rest.ends_with(part))
        } else {
            rest.find(part)
        };
        let Some(found) = found else { return false };
        rest = &rest[found + part.len()..];
    }
    rest.is_empty()
}

#[test]
fn messages_are_compared_around_secrets() {
    assert!(is_same_message("a \"b\"", b"a \"b\""));
    assert!(is_same_message("a \"***\" c", b"a \"tiger\" c"));
    assert!(is_same_message("***:***", b"a:b"));
    for (ours, theirs) in [
        ("a", "ab"),
        ("a***b", "a"),
        ("a***b", "axbc"),
        ("***a***", "b"),
        ("", "a"),
    ] {
        assert!(!is_same_message(ours, theirs.as_bytes()), "{ours} {theirs}");
    }
}

#[test]
fn written_strings() {
    let mut count = 0;
    for text in STRINGS.iter().map(|text| text.to_vec()).chain(each_keyword()) {
        assert_same(&text);
        count += 1;
    }
    println!("{count} strings");
    assert!(count > 400, "{count}");
}

#[test]
fn generated_strings() {
    let mut generator = Generator::new(1);
    let mut accepted = 0;
    for _ in 0..20_000 {
        let text = generator.keyword_value();
        accepted += usize::from(Conninfo::parse(&text).is_ok());
        assert_same(&text);
    }
    // Neither side of the grammar may be left out.
    println!("{accepted} of 20000 accepted");
    assert!((4_000..16_000).contains(&accepted), "{accepted}");
}

#[test]
fn generated_uris() {
    let mut generator = Generator::new(2);
    let mut accepted = 0;
    for _ in 0..20_000 {
        let text = generator.uri();
        accepted += usize::from(Conninfo::parse(&text).is_ok());
        assert_same(&text);
    }
    println!("{accepted} of 20000 accepted");
    assert!((4_000..16_000).contains(&accepted), "{accepted}");
}

/// `servicefile` is a keyword of PostgreSQL 19: libpq 18 does not know it.
#[test]
fn servicefile_is_of_the_next_libpq() {
    let text = c"servicefile=/f";
    assert!(dblink_oracle::parse(text).is_err());
    assert!(Conninfo::parse(text.to_bytes()).is_ok());
}
