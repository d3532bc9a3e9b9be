//! A sample of each message, with every list filled.

use crate::ProtocolVersion;
use crate::backend::*;
use crate::frontend::*;
use crate::wire::{DecodeError, EncodeError, Format, Message, SecretKey, WireStr};

/// A message's sample and its codec.
pub(super) struct Sample {
    pub(super) name: &'static str,
    pub(super) tag: Option<u8>,
    pub(super) body: Vec<u8>,
    /// Decodes a body; if it can, encodes the message again.
    pub(super) recode: fn(&[u8]) -> Result<Recoded, DecodeError>,
}

/// What a decoded message encodes to.
type Recoded = Result<Vec<u8>, EncodeError>;

/// The body of what `message` encodes to.
pub(super) fn body<'a, M: Message<'a>>(message: &M) -> Result<Vec<u8>, EncodeError> {
    let mut out = b"before".to_vec();
    let result = message.encode(&mut out);
    if let Err(error) = result {
        assert_eq!(out, b"before", "{}: nothing is written", M::NAME);
        assert!(out.capacity() < 1000, "{}: nothing was copied", M::NAME);
        return Err(error);
    }
    Ok(out.split_off(6 + usize::from(M::TAG.is_some()) + 4))
}

macro_rules! sample {
    ($type:ident, $message:expr) => {
        Sample {
            name: $type::NAME,
            tag: <$type as Message>::TAG,
            body: body(&$message).unwrap(),
            recode: |bytes| $type::decode(bytes).map(|message| body(&message)),
        }
    };
}

pub(super) fn startup(parameter: WireStr<'_>, value: WireStr<'_>) -> Result<Vec<u8>, EncodeError> {
    body(&StartupMessage {
        protocol_version: ProtocolVersion::V3_2,
        parameters: vec![("user".into(), "alice".into()), (parameter, value)],
    })
}

pub(super) fn bind() -> Bind<'static> {
    Bind {
        portal: "p".into(),
        statement: "s".into(),
        parameter_formats: vec![Format::Binary, Format::Text].into(),
        parameters: vec![Some(b"\0\x2a"), None],
        result_formats: vec![Format::Text].into(),
    }
}

pub(super) fn parse() -> Parse<'static> {
    Parse {
        statement: "s".into(),
        query: "select $1".into(),
        parameter_types: vec![23].into(),
    }
}

pub(super) fn function_call() -> FunctionCall<'static> {
    FunctionCall {
        function_oid: 1317,
        argument_formats: vec![Format::Text],
        arguments: vec![Some(b"hi"), None],
        result_format: Format::Binary,
    }
}

pub(super) fn field_description(column: WireStr<'_>) -> FieldDescription<'_> {
    FieldDescription {
        name: column,
        table_oid: 16_385,
        column_number: 1,
        type_oid: 23,
        type_size: 4,
        type_modifier: -1,
        format: Format::Text,
    }
}

pub(super) fn copy_format() -> CopyFormat {
    CopyFormat {
        overall: Format::Binary,
        columns: vec![Format::Binary, Format::Binary],
    }
}

fn diagnostic() -> Diagnostic {
    Diagnostic::new([
        (FieldCode::SEVERITY, "ERROR".into()),
        (FieldCode::CODE, "42P01".into()),
        (FieldCode(b'Y'), "unknown".into()),
    ])
    .unwrap()
}

pub(super) fn frontend() -> Vec<Sample> {
    let secret_key = SecretKey::new(b"key!");
    vec![
        sample!(
            StartupMessage,
            StartupMessage {
                protocol_version: ProtocolVersion::V3_2,
                parameters: vec![("user".into(), "alice".into()), ("options".into(), "".into())],
            }
        ),
        sample!(SslRequest, SslRequest),
        sample!(GssEncRequest, GssEncRequest),
        sample!(
            CancelRequest,
            CancelRequest {
                process_id: 77,
                secret_key
            }
        ),
        sample!(Bind, bind()),
        sample!(
            Close,
            Close {
                target: Target::Statement("s".into())
            }
        ),
        sample!(CopyData, CopyData { data: b"1\tx\n" }),
        sample!(CopyDone, CopyDone),
        sample!(
            CopyFail,
            CopyFail {
                message: "stop".into()
            }
        ),
        sample!(
            Describe,
            Describe {
                target: Target::Portal("p".into())
            }
        ),
        sample!(
            Execute,
            Execute {
                portal: "p".into(),
                max_rows: 10
            }
        ),
        sample!(Flush, Flush),
        sample!(FunctionCall, function_call()),
        sample!(Parse, parse()),
        sample!(
            Query,
            Query {
                query: "select 1".into()
            }
        ),
        sample!(Sync, Sync),
        sample!(Terminate, Terminate),
    ]
}

pub(super) fn backend() -> Vec<Sample> {
    let secret_key = SecretKey::new(b"key!");
    let diagnostic = diagnostic();
    let fields = diagnostic.fields();
    vec![
        sample!(
            Authentication,
            Authentication::Sasl {
                mechanisms: vec!["SCRAM-SHA-256-PLUS".into(), "SCRAM-SHA-256".into()],
            }
        ),
        sample!(
            BackendKeyData,
            BackendKeyData {
                process_id: 77,
                secret_key
            }
        ),
        sample!(BindComplete, BindComplete),
        sample!(CloseComplete, CloseComplete),
        sample!(
            CommandComplete,
            CommandComplete {
                tag: "SELECT 3".into()
            }
        ),
        sample!(
            CopyBothResponse,
            CopyBothResponse {
                format: copy_format()
            }
        ),
        sample!(CopyData, CopyData { data: b"1\tx\n" }),
        sample!(CopyDone, CopyDone),
        sample!(
            CopyInResponse,
            CopyInResponse {
                format: copy_format()
            }
        ),
        sample!(
            CopyOutResponse,
            CopyOutResponse {
                format: copy_format()
            }
        ),
        sample!(
            DataRow,
            DataRow {
                values: vec![Some(b"42"), None, Some(b"")]
            }
        ),
        sample!(EmptyQueryResponse, EmptyQueryResponse),
        sample!(ErrorResponse, ErrorResponse { fields }),
        sample!(FunctionCallResponse, FunctionCallResponse { value: Some(b"42") }),
        sample!(
            NegotiateProtocolVersion,
            NegotiateProtocolVersion {
                newest_version: ProtocolVersion::V3_0,
                unrecognized_options: vec!["_pq_.x".into(), "_pq_.y".into()],
            }
        ),
        sample!(NoData, NoData),
        sample!(NoticeResponse, NoticeResponse { fields }),
        sample!(
            NotificationResponse,
            NotificationResponse {
                process_id: 77,
                channel: "jobs".into(),
                payload: "42".into(),
            }
        ),
        sample!(
            ParameterDescription,
            ParameterDescription {
                type_oids: vec![23, 25]
            }
        ),
        sample!(
            ParameterStatus,
            ParameterStatus {
                name: "TimeZone".into(),
                value: "UTC".into(),
            }
        ),
        sample!(ParseComplete, ParseComplete),
        sample!(PortalSuspended, PortalSuspended),
        sample!(
            ReadyForQuery,
            ReadyForQuery {
                status: TransactionStatus::Idle
            }
        ),
        sample!(
            RowDescription,
            RowDescription {
                fields: vec![field_description("id".into()), field_description("".into())],
            }
        ),
    ]
}

/// The answers to authentication requests, which share a type byte.
fn answers() -> Vec<Sample> {
    vec![
        sample!(
            PasswordMessage,
            PasswordMessage {
                password: "tiger".into()
            }
        ),
        sample!(
            SaslInitialResponse,
            SaslInitialResponse {
                mechanism: "SCRAM-SHA-256".into(),
                response: Some(b"n,,n=,r=abc"),
            }
        ),
        sample!(SaslResponse, SaslResponse { data: b"c=biws" }),
        sample!(GssResponse, GssResponse { data: b"token" }),
    ]
}

/// Every message of both directions; CopyData and CopyDone are there twice.
pub(super) fn all() -> impl Iterator<Item = Sample> {
    frontend().into_iter().chain(answers()).chain(backend())
}

#[test]
fn there_is_a_sample_of_every_message() {
    for tag in 0..=u8::MAX {
        let sent = frontend().into_iter().find(|sample| sample.tag == Some(tag));
        assert_eq!(sent.map(|sample| sample.name), crate::frontend::name(tag));
        let received = backend().into_iter().find(|sample| sample.tag == Some(tag));
        assert_eq!(received.map(|sample| sample.name), crate::backend::name(tag));
    }
}
