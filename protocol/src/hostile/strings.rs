//! Strings with zero bytes, strings without an end, strings without a measure.

use std::collections::BTreeSet;

use super::samples::{all, bind, body, field_description, parse, startup};
use crate::ProtocolVersion;
use crate::backend::*;
use crate::frontend::*;
use crate::wire::{DecodeFault, EncodeError, EncodeFault, WireStr};

/// A message with a string in one of its fields.
type WithString = fn(WireStr<'_>) -> Result<Vec<u8>, EncodeError>;

/// Every string field of every message.
const STRINGS: &[(&str, &str, WithString)] = &[
    ("StartupMessage", "parameter name", |s| startup(s, "on".into())),
    ("StartupMessage", "parameter value", |s| {
        startup("options".into(), s)
    }),
    ("Bind", "portal", |s| body(&Bind { portal: s, ..bind() })),
    ("Bind", "statement", |s| {
        body(&Bind {
            statement: s,
            ..bind()
        })
    }),
    ("Close", "name", |s| {
        body(&Close {
            target: Target::Statement(s),
        })
    }),
    ("CopyFail", "message", |s| body(&CopyFail { message: s })),
    ("Describe", "name", |s| {
        body(&Describe {
            target: Target::Portal(s),
        })
    }),
    ("Execute", "portal", |s| {
        body(&Execute {
            portal: s,
            max_rows: 0,
        })
    }),
    ("Parse", "statement", |s| {
        body(&Parse {
            statement: s,
            ..parse()
        })
    }),
    ("Parse", "query", |s| body(&Parse { query: s, ..parse() })),
    ("Query", "query", |s| body(&Query { query: s })),
    ("PasswordMessage", "password", |s| {
        body(&PasswordMessage { password: s })
    }),
    ("SASLInitialResponse", "mechanism", |s| {
        body(&SaslInitialResponse {
            mechanism: s,
            response: None,
        })
    }),
    ("Authentication", "mechanism", |s| {
        body(&Authentication::Sasl {
            mechanisms: vec!["SCRAM-SHA-256".into(), s],
        })
    }),
    ("CommandComplete", "tag", |s| body(&CommandComplete { tag: s })),
    ("ErrorResponse", "field value", |s| {
        Diagnostic::new([(FieldCode::MESSAGE, s)]).and_then(|diagnostic| {
            body(&ErrorResponse {
                fields: diagnostic.fields(),
            })
        })
    }),
    ("NegotiateProtocolVersion", "unrecognized options", |s| {
        body(&NegotiateProtocolVersion {
            newest_version: ProtocolVersion::V3_0,
            unrecognized_options: vec!["_pq_.x".into(), s],
        })
    }),
    ("NotificationResponse", "channel", |s| {
        body(&NotificationResponse {
            process_id: 1,
            channel: s,
            payload: "".into(),
        })
    }),
    ("NotificationResponse", "payload", |s| {
        body(&NotificationResponse {
            process_id: 1,
            channel: "jobs".into(),
            payload: s,
        })
    }),
    ("ParameterStatus", "name", |s| {
        body(&ParameterStatus {
            name: s,
            value: "".into(),
        })
    }),
    ("ParameterStatus", "value", |s| {
        body(&ParameterStatus {
            name: "x".into(),
            value: s,
        })
    }),
    ("RowDescription", "name", |s| {
        body(&RowDescription {
            fields: vec![field_description("id".into()), field_description(s)],
        })
    }),
];

#[test]
fn the_table_has_every_string_field() {
    // A string is what can be unterminated: wherever one begins, the rest of this body never ends it.
    let mut found = BTreeSet::new();
    for sample in all() {
        for end in 0..sample.body.len() {
            let body = [&sample.body[..end], &[b'x'; 64]].concat();
            if let Err(error) = (sample.recode)(&body)
                && let DecodeFault::Unterminated { field } = error.fault
            {
                found.insert((error.message, field));
            }
        }
    }
    // A NoticeResponse can only be made from fields that an ErrorResponse could have.
    assert!(found.remove(&("NoticeResponse", "field value")));
    let table: BTreeSet<_> = STRINGS
        .iter()
        .map(|&(message, field, _)| (message, field))
        .collect();
    assert_eq!(found, table);
}

#[test]
fn a_string_with_a_zero_byte_is_refused() {
    for (message, field, with) in STRINGS {
        with("ab".into()).expect(message);
        for (string, offset) in [("\0", 0), ("ab\0", 2), ("a\0b\0c", 1)] {
            assert_eq!(
                with(string.into()),
                Err(EncodeError {
                    message,
                    fault: EncodeFault::ZeroByte { field, offset }
                }),
                "{message}, {field}"
            );
        }
    }
}

#[test]
fn a_string_that_is_too_long_is_refused_before_it_is_copied_or_even_read() {
    // Zeroed memory that nobody reads costs nothing. Were it read, the fault would be its zero byte.
    let huge = vec![0; 1 << 31];
    for (message, field, with) in STRINGS {
        let length = with(WireStr::new(&huge)).map(|body| body.len());
        let error = length.unwrap_err();
        assert_eq!(error.message, *message);
        assert!(
            matches!(error.fault, EncodeFault::TooLong { field: f, length, .. } if f == *field && length > huge.len()),
            "{error}"
        );
    }
}
