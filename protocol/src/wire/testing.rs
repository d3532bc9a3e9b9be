//! What the tests of all messages share.

use std::fmt::Debug;

use proptest::prelude::*;

use super::frame::HEADER_BYTES;
use super::{DecodeFault, Format, Message};

/// Checks one message against its bytes: it encodes to exactly these, decodes from them, and no cut or lengthened body
/// passes unless it is a message of its own right.
#[track_caller]
pub(crate) fn assert_bytes<'a, M>(message: &M, bytes: &'a [u8])
where
    M: Message<'a> + Debug + PartialEq,
{
    let mut out = Vec::new();
    message.encode(&mut out).unwrap();
    assert_eq!(
        out,
        bytes,
        "{} encodes to\n  {}\nnot to\n  {}",
        M::NAME,
        out.escape_ascii(),
        bytes.escape_ascii()
    );
    let body = &bytes[HEADER_BYTES - usize::from(M::TAG.is_none())..];
    assert_eq!(M::decode(body).as_ref(), Ok(message));
}

/// Checks that each body that is cut short, and each with a byte too many, is an error that names the message.
///
/// Not for messages that end in "all the rest of the body".
#[track_caller]
pub(crate) fn assert_strict<'a, M>(bytes: &'a [u8], longer: &'a [u8])
where
    M: Message<'a> + Debug + PartialEq,
{
    let start = HEADER_BYTES - usize::from(M::TAG.is_none());
    for end in start..bytes.len() {
        let error = M::decode(&bytes[start..end]).expect_err("a body that is cut short");
        assert_eq!(error.message, M::NAME);
    }
    assert_eq!(longer.len(), bytes.len() + 1);
    let error = M::decode(&longer[start..]).expect_err("a body with a byte too many");
    assert_eq!(error.message, M::NAME);
    assert!(
        matches!(error.fault, DecodeFault::Trailing { bytes: 1, .. }),
        "{error}"
    );
}

/// Encodes a message, checks the frame, decodes the body and compares.
#[track_caller]
pub(crate) fn assert_round_trip<'a, M>(message: &M, out: &'a mut Vec<u8>)
where
    M: Message<'a> + Debug + PartialEq,
{
    out.clear();
    message.encode(out).unwrap();
    let start = usize::from(M::TAG.is_some());
    assert_eq!(out.first().copied().filter(|_| start == 1), M::TAG);
    let length = u32::from_be_bytes(out[start..start + 4].try_into().unwrap());
    assert_eq!(usize::try_from(length).unwrap(), out.len() - start);
    assert_eq!(M::decode(&out[start + 4..]).as_ref(), Ok(message));
}

/// Either format.
pub(crate) fn any_format() -> impl Strategy<Value = Format> {
    prop_oneof![Just(Format::Text), Just(Format::Binary)]
}
