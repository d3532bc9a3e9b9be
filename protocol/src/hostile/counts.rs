//! Lists whose count lies, and lists that no count can hold.

use super::samples::{all, bind, body, copy_format, field_description, function_call, parse};
use crate::backend::*;
use crate::frontend::*;
use crate::wire::{DecodeFault, EncodeError, EncodeFault, Format};

/// A message with this many items in one of its lists.
type WithItems = fn(usize) -> Result<Vec<u8>, EncodeError>;

/// Every list whose count has 16 bits, and where the count is in the message's sample.
const LISTS: &[(&str, &str, usize, WithItems)] = &[
    ("Bind", "parameter formats", 4, |n| {
        body(&Bind {
            parameter_formats: vec![Format::Text; n].into(),
            ..bind()
        })
    }),
    ("Bind", "parameters", 10, |n| {
        body(&Bind {
            parameters: vec![None; n],
            ..bind()
        })
    }),
    ("Bind", "result formats", 22, |n| {
        body(&Bind {
            result_formats: vec![Format::Text; n].into(),
            ..bind()
        })
    }),
    ("FunctionCall", "argument formats", 4, |n| {
        body(&FunctionCall {
            argument_formats: vec![Format::Text; n],
            ..function_call()
        })
    }),
    ("FunctionCall", "arguments", 8, |n| {
        body(&FunctionCall {
            arguments: vec![None; n],
            ..function_call()
        })
    }),
    ("Parse", "parameter types", 12, |n| {
        body(&Parse {
            parameter_types: vec![0; n].into(),
            ..parse()
        })
    }),
    ("CopyBothResponse", "column formats", 1, |n| {
        body(&CopyBothResponse {
            format: CopyFormat {
                columns: vec![Format::Text; n],
                ..copy_format()
            },
        })
    }),
    ("CopyInResponse", "column formats", 1, |n| {
        body(&CopyInResponse {
            format: CopyFormat {
                columns: vec![Format::Text; n],
                ..copy_format()
            },
        })
    }),
    ("CopyOutResponse", "column formats", 1, |n| {
        body(&CopyOutResponse {
            format: CopyFormat {
                columns: vec![Format::Text; n],
                ..copy_format()
            },
        })
    }),
    ("DataRow", "values", 0, |n| {
        body(&DataRow {
            values: vec![None; n],
        })
    }),
    ("ParameterDescription", "type OIDs", 0, |n| {
        body(&ParameterDescription {
            type_oids: vec![0; n],
        })
    }),
    ("RowDescription", "fields", 0, |n| {
        body(&RowDescription {
            fields: vec![field_description("x".into()); n],
        })
    }),
];

#[test]
fn a_list_has_65_535_items_at_most() {
    for (message, field, _, with) in LISTS {
        with(65_535).expect(message);
        assert_eq!(
            with(65_536),
            Err(EncodeError {
                message,
                fault: EncodeFault::TooMany {
                    field,
                    count: 65_536,
                    limit: 65_535
                }
            })
        );
    }
}

#[test]
fn a_list_of_65_535_items_is_decoded_too() {
    for (message, _, _, with) in LISTS {
        let bytes = with(65_535).unwrap();
        let sample = all().find(|sample| sample.name == *message).unwrap();
        assert_eq!((sample.recode)(&bytes), Ok(Ok(bytes)), "{message}");
    }
}

#[test]
fn a_count_beyond_the_body_is_an_error_at_once() {
    for (message, field, at, _) in LISTS {
        let mut sample = all().find(|sample| sample.name == *message).unwrap();
        sample.body[*at..at + 2].copy_from_slice(&[0xff, 0xff]);
        let error = (sample.recode)(&sample.body).unwrap_err();
        let left = sample.body.len() - at - 2;
        assert_eq!(error.message, *message);
        assert!(
            matches!(error.fault, DecodeFault::Short { field: f, needed, left: l }
                if f == *field && needed >= 2 * 65_535 && l == left),
            "{error}"
        );
    }
}

#[test]
fn a_count_of_one_more_than_there_is_is_an_error() {
    for (message, _, at, _) in LISTS {
        let mut sample = all().find(|sample| sample.name == *message).unwrap();
        sample.body[at + 1] += 1;
        let error = (sample.recode)(&sample.body).unwrap_err();
        assert_eq!(error.message, *message);
    }
}

#[test]
fn a_count_of_32_bits_is_no_better_believed() {
    for (count, fault) in [
        (
            2,
            DecodeFault::Short {
                field: "unrecognized options",
                needed: 2,
                left: 1,
            },
        ),
        (
            i32::MAX,
            DecodeFault::Short {
                field: "unrecognized options",
                needed: 0x7fff_ffff,
                left: 1,
            },
        ),
        (
            -1,
            DecodeFault::BadValue {
                field: "unrecognized options",
                value: -1,
            },
        ),
        (
            i32::MIN,
            DecodeFault::BadValue {
                field: "unrecognized options",
                value: -0x8000_0000,
            },
        ),
    ] {
        let mut sample = all()
            .find(|sample| sample.name == "NegotiateProtocolVersion")
            .unwrap();
        sample.body.truncate(4);
        sample.body.extend(count.to_be_bytes());
        sample.body.push(0);
        assert_eq!((sample.recode)(&sample.body).unwrap_err().fault, fault);
    }
}
