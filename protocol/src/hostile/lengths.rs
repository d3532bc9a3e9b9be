//! Lengths of values, and of messages as wholes.

use super::samples::{bind, body, function_call};
use crate::backend::{DataRow, FunctionCallResponse};
use crate::frontend::{Bind, CopyData, FunctionCall, Query};
use crate::wire::{DecodeError, DecodeFault, EncodeError, EncodeFault, Message, WireStr};

/// A message's body around the length word of its last value, of which two bytes follow; and the value's field.
struct AroundLength {
    decode: fn(&[u8]) -> Result<(), DecodeError>,
    field: &'static str,
    before: &'static [u8],
    after: &'static [u8],
}

const VALUES: [AroundLength; 4] = [
    AroundLength {
        decode: |body| Bind::decode(body).map(drop),
        field: "parameters",
        before: b"p\0s\0\0\0\0\x02\xff\xff\xff\xff",
        after: b"\0\0",
    },
    AroundLength {
        decode: |body| FunctionCall::decode(body).map(drop),
        field: "arguments",
        before: b"\0\0\0\x01\0\0\0\x02\xff\xff\xff\xff",
        after: b"\0\0",
    },
    AroundLength {
        decode: |body| DataRow::decode(body).map(drop),
        field: "values",
        before: b"\0\x02\xff\xff\xff\xff",
        after: b"",
    },
    AroundLength {
        decode: |body| FunctionCallResponse::decode(body).map(drop),
        field: "value",
        before: b"",
        after: b"",
    },
];

impl AroundLength {
    /// Decodes with this length word and two bytes of value.
    fn decode(&self, length: i32) -> Result<(), DecodeError> {
        (self.decode)(&[self.before, &length.to_be_bytes(), b"xy", self.after].concat())
    }
}

#[test]
fn no_negative_length_but_that_of_null_passes() {
    for value in VALUES {
        assert_eq!(value.decode(2), Ok(()));
        for length in [-2, -3, i32::MIN, i32::MIN + 1] {
            let field = value.field;
            assert_eq!(
                value.decode(length).unwrap_err().fault,
                DecodeFault::BadLength { field, length }
            );
        }
    }
}

#[test]
fn a_length_beyond_the_body_is_an_error_that_says_what_is_there() {
    for value in VALUES {
        let left = 2 + value.after.len();
        for needed in [left + 1, left + 2, 0x7fff_ffff] {
            let field = value.field;
            assert_eq!(
                value.decode(i32::try_from(needed).unwrap()).unwrap_err().fault,
                DecodeFault::Short { field, needed, left }
            );
        }
    }
}

/// What is wrong with a message that must not be sent. If it was after all, its bytes are too many to print.
#[track_caller]
fn fault(result: Result<Vec<u8>, EncodeError>) -> EncodeFault {
    result.map(|body| body.len()).unwrap_err().fault
}

/// Beyond 4 GiB a length that wraps would let the value's own bytes pass for messages.
#[cfg(target_pointer_width = "64")]
#[test]
fn a_value_of_more_than_4_gib_is_refused_before_it_is_copied() {
    // Zeroed memory that nobody reads costs nothing; `body` checks that nothing was copied.
    let huge = vec![0; 5 << 30];
    let too_long = |result| match fault(result) {
        EncodeFault::TooLong { field, length, limit } => {
            assert!(length > 5 << 30, "the length does not wrap");
            (field, limit)
        }
        fault => panic!("{fault}"),
    };

    let message = Bind {
        parameters: vec![None, Some(&huge)],
        ..bind()
    };
    assert_eq!(too_long(body(&message)), ("parameters", 0x3fff_fffe));
    let message = FunctionCall {
        arguments: vec![Some(&huge)],
        ..function_call()
    };
    assert_eq!(too_long(body(&message)), ("arguments", 0x3fff_fffe));
    assert_eq!(too_long(body(&CopyData { data: &huge })), ("data", 0x3fff_fffe));
    let message = DataRow {
        values: vec![Some(&huge)],
    };
    assert_eq!(too_long(body(&message)), ("values", 0x7fff_ffff));
    let message = FunctionCallResponse { value: Some(&huge) };
    assert_eq!(too_long(body(&message)), ("value", 0x7fff_ffff));
}

#[test]
fn what_the_server_would_not_take_is_refused_from_its_first_byte_on() {
    // The server takes a length word of 1 GiB - 2, which counts its own four bytes.
    let limit = 0x3fff_fffe;
    let data = vec![0; limit - 4 + 1];
    let too_long = |field| EncodeFault::TooLong {
        field,
        length: limit + 1,
        limit,
    };
    assert_eq!(fault(body(&CopyData { data: &data })), too_long("data"));

    let query = WireStr::new(&data[..limit - 4]);
    assert_eq!(fault(body(&Query { query })), too_long("query"));

    // One byte less fits: what is refused then is the zero byte.
    let query = WireStr::new(&data[..limit - 5]);
    assert_eq!(
        fault(body(&Query { query })),
        EncodeFault::ZeroByte {
            field: "query",
            offset: 0
        }
    );
}
