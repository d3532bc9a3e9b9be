//! Seeds for the targets that look at single messages.

use dblink_protocol::ProtocolVersion;
use dblink_protocol::backend::{
    Authentication, BackendKeyData, BindComplete, CloseComplete, CommandComplete, CopyBothResponse, CopyData,
    CopyDone, CopyFormat, CopyInResponse, CopyOutResponse, DataRow, Diagnostic, EmptyQueryResponse,
    ErrorResponse, FieldCode, FieldDescription, FunctionCallResponse, NegotiateProtocolVersion, NoData,
    NoticeResponse, NotificationResponse, ParameterDescription, ParameterStatus, ParseComplete,
    PortalSuspended, ReadyForQuery, RowDescription, TransactionStatus,
};
use dblink_protocol::frontend::{
    Bind, CancelRequest, Close, CopyFail, Describe, Execute, Flush, FunctionCall, GssEncRequest, GssResponse,
    Parse, PasswordMessage, Query, SaslInitialResponse, SaslResponse, SslRequest, StartupMessage, Sync,
    Target, Terminate,
};
use dblink_protocol::wire::{Format, Message, SecretKey};

use super::{Seeds, body};
use crate::input::put_long_bytes;

pub(super) fn add(seeds: &mut Seeds) {
    add_backend(seeds);
    add_frontend(seeds);
    add_initial(seeds);
    add_diagnostics(seeds);
    add_rows(seeds);
}

/// A message for a target whose input is a type byte and a body.
fn tagged<'a, M: Message<'a>>(seeds: &mut Seeds, target: &'static str, message: &M) {
    let tag = M::TAG.expect("the message has a type byte");
    seeds.add(target, M::NAME, [&[tag][..], &body(message)].concat());
}

fn add_backend(seeds: &mut Seeds) {
    const TARGET: &str = "backend_messages";
    let format = CopyFormat {
        overall: Format::Binary,
        columns: vec![Format::Binary; 2],
    };
    let secret_key = SecretKey::new(b"key!");
    let diagnostic = diagnostic();
    let fields = diagnostic.fields();
    for authentication in [
        Authentication::Ok,
        Authentication::CleartextPassword,
        Authentication::Md5Password { salt: *b"salt" },
        Authentication::Sasl {
            mechanisms: vec!["SCRAM-SHA-256-PLUS".into(), "SCRAM-SHA-256".into()],
        },
        Authentication::SaslContinue(b"r=abc,s=c2FsdA==,i=4096"),
        Authentication::SaslFinal(b"v=c2ln"),
        Authentication::GssContinue(b"token"),
        Authentication::Other { code: 99, data: b"x" },
    ] {
        let data = [b"R", &body(&authentication)[..]].concat();
        seeds.add(TARGET, format!("Authentication-{}", authentication.code()), data);
    }
    tagged(
        seeds,
        TARGET,
        &BackendKeyData {
            process_id: 77,
            secret_key,
        },
    );
    tagged(seeds, TARGET, &BindComplete);
    tagged(seeds, TARGET, &CloseComplete);
    tagged(
        seeds,
        TARGET,
        &CommandComplete {
            tag: "SELECT 3".into(),
        },
    );
    tagged(
        seeds,
        TARGET,
        &CopyBothResponse {
            format: format.clone(),
        },
    );
    tagged(
        seeds,
        TARGET,
        &CopyInResponse {
            format: format.clone(),
        },
    );
    tagged(seeds, TARGET, &CopyOutResponse { format });
    tagged(seeds, TARGET, &CopyData { data: b"1\tx\n" });
    tagged(seeds, TARGET, &CopyDone);
    tagged(seeds, TARGET, &data_row());
    tagged(seeds, TARGET, &EmptyQueryResponse);
    tagged(seeds, TARGET, &ErrorResponse { fields });
    tagged(seeds, TARGET, &FunctionCallResponse { value: Some(b"42") });
    let negotiate = NegotiateProtocolVersion {
        newest_version: ProtocolVersion::V3_0,
        unrecognized_options: vec!["_pq_.x".into(), "_pq_.y".into()],
    };
    tagged(seeds, TARGET, &negotiate);
    tagged(seeds, TARGET, &NoData);
    tagged(seeds, TARGET, &NoticeResponse { fields });
    let notification = NotificationResponse {
        process_id: 77,
        channel: "jobs".into(),
        payload: "42".into(),
    };
    tagged(seeds, TARGET, &notification);
    tagged(
        seeds,
        TARGET,
        &ParameterDescription {
            type_oids: vec![23, 25],
        },
    );
    let parameter = ParameterStatus {
        name: "TimeZone".into(),
        value: "UTC".into(),
    };
    tagged(seeds, TARGET, &parameter);
    tagged(seeds, TARGET, &ParseComplete);
    tagged(seeds, TARGET, &PortalSuspended);
    let ready = ReadyForQuery {
        status: TransactionStatus::InTransaction,
    };
    tagged(seeds, TARGET, &ready);
    tagged(seeds, TARGET, &row_description());
}

fn add_frontend(seeds: &mut Seeds) {
    const TARGET: &str = "frontend_messages";
    let bind = Bind {
        portal: "p".into(),
        statement: "s".into(),
        parameter_formats: vec![Format::Binary, Format::Text].into(),
        parameters: vec![Some(b"\0\x2a"), None],
        result_formats: vec![Format::Text].into(),
    };
    tagged(seeds, TARGET, &bind);
    tagged(
        seeds,
        TARGET,
        &Close {
            target: Target::Statement("s".into()),
        },
    );
    tagged(seeds, TARGET, &CopyData { data: b"1\tx\n" });
    tagged(seeds, TARGET, &CopyDone);
    tagged(
        seeds,
        TARGET,
        &CopyFail {
            message: "stop".into(),
        },
    );
    tagged(
        seeds,
        TARGET,
        &Describe {
            target: Target::Portal("p".into()),
        },
    );
    tagged(
        seeds,
        TARGET,
        &Execute {
            portal: "p".into(),
            max_rows: 10,
        },
    );
    seeds.add(TARGET, "Execute-negative", *b"Ep\0\xff\xff\xff\xff");
    tagged(seeds, TARGET, &Flush);
    let call = FunctionCall {
        function_oid: 1317,
        argument_formats: vec![Format::Text],
        arguments: vec![Some(b"hi"), None],
        result_format: Format::Binary,
    };
    tagged(seeds, TARGET, &call);
    let parse = Parse {
        statement: "s".into(),
        query: "select $1".into(),
        parameter_types: vec![23].into(),
    };
    tagged(seeds, TARGET, &parse);
    tagged(
        seeds,
        TARGET,
        &Query {
            query: "select 1".into(),
        },
    );
    tagged(seeds, TARGET, &Sync);
    tagged(seeds, TARGET, &Terminate);
    let initial = SaslInitialResponse {
        mechanism: "SCRAM-SHA-256".into(),
        response: Some(b"n,,n=,r=abc"),
    };
    let answers = [
        (
            "PasswordMessage",
            body(&PasswordMessage {
                password: "tiger".into(),
            }),
        ),
        ("SASLInitialResponse", body(&initial)),
        ("SASLResponse", body(&SaslResponse { data: b"c=biws" })),
        ("GSSResponse", body(&GssResponse { data: b"token" })),
    ];
    for (kind, (name, body)) in (0..).zip(answers) {
        seeds.add(TARGET, name, [&[b'p', kind][..], &body].concat());
    }
}

fn add_initial(seeds: &mut Seeds) {
    const TARGET: &str = "initial_messages";
    let startup = StartupMessage {
        protocol_version: ProtocolVersion::V3_2,
        parameters: vec![("user".into(), "alice".into()), ("options".into(), "".into())],
    };
    seeds.add(TARGET, StartupMessage::NAME, body(&startup));
    seeds.add(TARGET, SslRequest::NAME, body(&SslRequest));
    seeds.add(TARGET, GssEncRequest::NAME, body(&GssEncRequest));
    let cancel = CancelRequest {
        process_id: 77,
        secret_key: SecretKey::new(b"a key of protocol 3.2 is longer"),
    };
    seeds.add(TARGET, CancelRequest::NAME, body(&cancel));
}

fn add_diagnostics(seeds: &mut Seeds) {
    const TARGET: &str = "diagnostics";
    let all = Diagnostic::new(FieldCode::ALL.iter().map(|&code| (code, "17".into())));
    let all = all.expect("the fields can be sent");
    let usual = diagnostic();
    let old = Diagnostic::new([
        (FieldCode::SEVERITY, "FATAL".into()),
        (FieldCode(b'Y'), "unknown".into()),
        (FieldCode::MESSAGE, "first".into()),
        (FieldCode::MESSAGE, "second".into()),
        (FieldCode::POSITION, "+4294967296".into()),
    ]);
    let old = old.expect("the fields can be sent");
    for (name, diagnostic) in [("all", &all), ("usual", &usual), ("old", &old)] {
        let fields = diagnostic.fields();
        seeds.add(
            TARGET,
            format!("{name}-error"),
            [&[1][..], &body(&ErrorResponse { fields })].concat(),
        );
        seeds.add(
            TARGET,
            format!("{name}-notice"),
            [&[0][..], &body(&NoticeResponse { fields })].concat(),
        );
    }
    seeds.add(TARGET, "none", *b"\x01\0");
}

fn add_rows(seeds: &mut Seeds) {
    const TARGET: &str = "rows";
    let row = body(&data_row());
    let null_row = body(&DataRow {
        values: vec![None; 3],
    });
    let short_row = body(&DataRow { values: vec![None] });
    let columns = body(&row_description());
    let none = body(&RowDescription { fields: vec![] });
    let empty_row = body(&DataRow { values: vec![] });
    for (name, cut, bodies) in [
        ("whole", 0, [&columns, &row, &null_row, &row]),
        ("cut", 7, [&columns, &row, &null_row, &row]),
        ("field-count", 0, [&columns, &row, &short_row, &row]),
        ("no-columns", 3, [&none, &empty_row, &empty_row, &empty_row]),
    ] {
        let mut data = vec![cut];
        bodies.iter().for_each(|body| put_long_bytes(&mut data, body));
        seeds.add(TARGET, name, data);
    }
}

fn diagnostic() -> Diagnostic {
    let fields = [
        (FieldCode::SEVERITY, "FEHLER".into()),
        (FieldCode::SEVERITY_NOT_LOCALIZED, "ERROR".into()),
        (FieldCode::CODE, "42P01".into()),
        (FieldCode::MESSAGE, "relation \"x\" does not exist".into()),
        (FieldCode::POSITION, "15".into()),
        (FieldCode::FILE, "parse_relation.c".into()),
        (FieldCode::LINE, "1449".into()),
        (FieldCode::ROUTINE, "parserOpenTable".into()),
    ];
    Diagnostic::new(fields).expect("the fields can be sent")
}

fn data_row() -> DataRow<'static> {
    DataRow {
        values: vec![Some(b"42"), None, Some(b"")],
    }
}

fn row_description() -> RowDescription<'static> {
    let column = |name: &'static str| FieldDescription {
        name: name.into(),
        table_oid: 16_385,
        column_number: 1,
        type_oid: 23,
        type_size: 4,
        type_modifier: -1,
        format: Format::Text,
    };
    RowDescription {
        fields: vec![column("id"), column(""), column("name")],
    }
}
