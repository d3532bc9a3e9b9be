//! Bodies that are cut short, lengthened, changed or invented.

use proptest::prelude::*;
use proptest::sample::Index;

use super::samples::{Sample, all};
use crate::wire::DecodeFault;

/// The messages that are nothing but all of their body.
const ALL_BODY: [&str; 3] = ["CopyData", "GSSResponse", "SASLResponse"];

#[test]
fn a_body_that_is_cut_anywhere_is_an_error_that_names_the_message() {
    for sample in all().filter(|sample| !ALL_BODY.contains(&sample.name)) {
        for end in 0..sample.body.len() {
            let error = (sample.recode)(&sample.body[..end])
                .expect_err(&format!("{} cut to {end} bytes", sample.name));
            assert_eq!(error.message, sample.name);
        }
    }
}

#[test]
fn a_cut_piece_of_what_is_all_body_is_such_a_piece() {
    for sample in all().filter(|sample| ALL_BODY.contains(&sample.name)) {
        for end in 0..=sample.body.len() {
            let cut = &sample.body[..end];
            assert_eq!((sample.recode)(cut), Ok(Ok(cut.to_vec())));
        }
    }
}

#[test]
fn a_byte_too_many_is_an_error_that_counts_it() {
    // These end in all the rest of the body.
    let open = ["BackendKeyData", "CancelRequest"];
    for sample in all().filter(|sample| !ALL_BODY.contains(&sample.name) && !open.contains(&sample.name)) {
        let error = (sample.recode)(&[&sample.body[..], b"\0"].concat()).expect_err(sample.name);
        assert_eq!(error.message, sample.name);
        assert!(
            matches!(error.fault, DecodeFault::Trailing { bytes: 1, .. }),
            "{error}"
        );
    }
}

/// Decodes any bytes. If they are a message, what it encodes to must be the same message again.
#[track_caller]
fn check(sample: &Sample, body: &[u8]) {
    let Ok(encoded) = (sample.recode)(body) else {
        return;
    };
    match encoded {
        Ok(encoded) => assert_eq!(encoded, body, "{}", sample.name),
        // A negative number of rows is kept where it was received and not sent on.
        Err(_) => assert_eq!(sample.name, "Execute"),
    }
}

proptest! {
    #[test]
    fn any_bytes_are_an_error_or_the_message_that_encodes_to_them(body: Vec<u8>) {
        for sample in all() {
            check(&sample, &body);
        }
    }

    #[test]
    fn a_changed_byte_makes_an_error_or_the_message_that_encodes_to_it(at: Index, byte: u8) {
        for mut sample in all().filter(|sample| !sample.body.is_empty()) {
            let at = at.index(sample.body.len());
            sample.body[at] = byte;
            check(&sample, &sample.body);
        }
    }
}
