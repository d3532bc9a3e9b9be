//! SASLprep as PostgreSQL does it.
//!
//! A server stores what *it* made of a password, so a client has to prepare it in the same way, and PostgreSQL departs
//! from [RFC 4013](https://www.rfc-editor.org/rfc/rfc4013) in three points:
//!
//! - characters of both table C.1.2 and table B.1 (U+200B) become a space, and are not dropped;
//! - prohibited, unassigned and bidirectional characters are looked for before normalisation, not after it;
//! - a password that cannot be prepared, or is not UTF-8, is used as it is.

mod tables;

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use tables::{L_CAT, MAPPED_TO_NOTHING, NON_ASCII_SPACE, PROHIBITED, RAND_AL_CAT, Ranges, UNASSIGNED};

/// The bytes that PostgreSQL feeds to SCRAM for `password`.
///
/// ```
/// use dblink_protocol::auth::saslprep::saslprep;
///
/// assert_eq!(*saslprep(b"plain ASCII"), b"plain ASCII");
/// assert_eq!(*saslprep("\u{2168}".as_bytes()), b"IX");
/// ```
pub fn saslprep(password: &[u8]) -> Zeroizing<Vec<u8>> {
    prepare(password).unwrap_or_else(|| Zeroizing::new(password.to_vec()))
}

/// The prepared form, or none if the password is to be used as it is.
fn prepare(password: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    if password.is_ascii() {
        return None;
    }
    let mapped = map(str::from_utf8(password).ok()?);
    if mapped.is_empty() || mapped.iter().any(|&c| is_refused(c)) || !is_bidi_sound(&mapped) {
        return None;
    }
    let mut normalised = String::with_capacity(password.len() * LARGEST_GROWTH);
    normalised.extend(mapped.iter().copied().nfkc());
    Some(Zeroizing::new(normalised.into_bytes()))
}

/// How many times longer NFKC can make a text in UTF-8. Both steps allocate once, so that no copy of the password is
/// left behind by a buffer that grew.
const LARGEST_GROWTH: usize = 11;

fn map(password: &str) -> Zeroizing<Vec<char>> {
    let mapped = password
        .chars()
        .map(|c| if is_in(NON_ASCII_SPACE, c) { ' ' } else { c })
        .filter(|&c| !is_in(MAPPED_TO_NOTHING, c));
    let mut characters = Zeroizing::new(Vec::with_capacity(password.len()));
    characters.extend(mapped);
    characters
}

fn is_refused(c: char) -> bool {
    is_in(PROHIBITED, c) || is_in(UNASSIGNED, c)
}

/// [RFC 3454, section 6](https://www.rfc-editor.org/rfc/rfc3454#section-6): text with a right-to-left character
/// starts and ends with one, and has no left-to-right character.
fn is_bidi_sound(text: &[char]) -> bool {
    let is_right_to_left = |c: &char| is_in(RAND_AL_CAT, *c);
    !text.iter().any(is_right_to_left)
        || (text.first().is_some_and(is_right_to_left)
            && text.last().is_some_and(is_right_to_left)
            && !text.iter().any(|&c| is_in(L_CAT, c)))
}

fn is_in(ranges: Ranges, c: char) -> bool {
    let behind = ranges.partition_point(|&(first, _)| first <= c);
    behind
        .checked_sub(1)
        .and_then(|index| ranges.get(index))
        .is_some_and(|&(_, last)| c <= last)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn prepared(password: &str) -> String {
        String::from_utf8(saslprep(password.as_bytes()).to_vec()).unwrap()
    }

    #[test]
    fn ascii_is_left_alone_even_its_control_characters() {
        assert_eq!(prepared("a\u{0}\u{7f} b"), "a\u{0}\u{7f} b");
        assert_eq!(prepared(""), "");
    }

    #[test]
    fn what_is_not_utf8_is_left_alone() {
        for bytes in [
            &b"\xff"[..],
            b"\xc2\xa0\xff",
            b"\xed\xa0\x80",
            b"\xf4\x90\x80\x80",
        ] {
            assert_eq!(*saslprep(bytes), bytes);
        }
    }

    /// RFC 4013, section 3, as far as PostgreSQL agrees with it.
    #[test]
    fn the_examples_of_the_rfc() {
        assert_eq!(prepared("I\u{ad}X"), "IX");
        assert_eq!(prepared("user"), "user");
        assert_eq!(prepared("USER"), "USER");
        assert_eq!(prepared("\u{aa}"), "a");
        assert_eq!(prepared("\u{2168}"), "IX");
        assert_eq!(
            prepared("\u{627}1"),
            "\u{627}1",
            "the RFC refuses it, PostgreSQL takes it as it is"
        );
    }

    #[test]
    fn spaces_are_mapped_before_characters_are_dropped() {
        assert_eq!(prepared("a\u{200b}b"), "a b");
        assert_eq!(prepared("a\u{3000}b"), "a b");
        assert_eq!(prepared("a\u{2060}\u{feff}b"), "ab");
    }

    #[test]
    fn a_password_of_dropped_characters_is_left_alone() {
        assert_eq!(prepared("\u{ad}\u{ad}"), "\u{ad}\u{ad}");
    }

    #[test]
    fn prohibited_characters_are_looked_for_before_normalisation() {
        assert_eq!(prepared("x\u{340}y"), "x\u{340}y", "NFKC would make it U+0300");
        assert_eq!(prepared("\u{ff21}\u{7}"), "\u{ff21}\u{7}");
    }

    #[test]
    fn characters_younger_than_unicode_3_2_are_refused() {
        assert_eq!(prepared("\u{1f600}"), "\u{1f600}");
        assert_eq!(prepared("\u{ff21}\u{221}"), "\u{ff21}\u{221}");
        assert_eq!(prepared("\u{ff21}\u{220}"), "A\u{220}");
    }

    #[test]
    fn writing_directions_are_checked_before_normalisation() {
        assert_eq!(prepared("\u{5d0}\u{2100}\u{5d0}"), "\u{5d0}a/c\u{5d0}");
        assert_eq!(prepared("\u{5d0}\u{ff21}\u{5d0}"), "\u{5d0}\u{ff21}\u{5d0}");
        assert_eq!(prepared("1\u{fb4f}"), "1\u{fb4f}", "starts without a RandALCat");
        assert_eq!(prepared("\u{fb4f}"), "\u{5d0}\u{5dc}");
    }

    #[test]
    fn the_tables_are_sorted_and_without_overlap() {
        for table in [
            NON_ASCII_SPACE,
            MAPPED_TO_NOTHING,
            PROHIBITED,
            UNASSIGNED,
            RAND_AL_CAT,
            L_CAT,
        ] {
            assert!(table.iter().all(|(first, last)| first <= last));
            assert!(table.windows(2).all(|pair| pair[0].1 < pair[1].0));
        }
    }

    #[test]
    fn nothing_grows_more_than_the_buffer_allows_for() {
        let longest = ('\u{0}'..=char::MAX).map(|c| (c.nfkc().map(char::len_utf8).sum::<usize>(), c));
        let growth = longest.map(|(bytes, c)| bytes.div_ceil(c.len_utf8())).max();
        assert_eq!(growth, Some(LARGEST_GROWTH));
    }

    proptest! {
        #[test]
        fn no_password_fails_or_becomes_empty(password in ".+", bytes in any::<Vec<u8>>()) {
            prop_assert!(!saslprep(password.as_bytes()).is_empty());
            prop_assert_eq!(saslprep(&bytes).is_empty(), bytes.is_empty());
        }
    }
}
