//! The input is a byte that chooses ErrorResponse or NoticeResponse, and a body. It decodes exactly if a naive parser
//! takes it, and all accessors say what that parser found.

use dblink_protocol::backend::{Diagnostic, ErrorResponse, FieldCode, NoticeResponse, Severity};
use dblink_protocol::wire::{Message, WireStr};

use crate::input::Input;

/// Checks one input.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let is_error = input.flag();
    let body = input.rest();
    let decoded = if is_error {
        ErrorResponse::decode(body).map(Diagnostic::from)
    } else {
        NoticeResponse::decode(body).map(Diagnostic::from)
    };
    let expected = parse(body);
    let (diagnostic, fields) = match (decoded, expected) {
        (Ok(diagnostic), Some(fields)) => (diagnostic, fields),
        (Err(_), None) => return,
        (decoded, expected) => panic!("decoded: {decoded:?}, expected: {expected:?}"),
    };
    let found: Vec<_> = diagnostic
        .fields()
        .iter()
        .map(|(code, value)| (code.0, value.as_bytes()))
        .collect();
    assert_eq!(found, fields);
    let rebuilt = fields
        .iter()
        .map(|&(code, value)| (FieldCode(code), WireStr::new(value)));
    assert_eq!(Diagnostic::new(rebuilt).as_ref(), Ok(&diagnostic));
    accessors(&diagnostic, &fields);
    printing(&diagnostic, &fields);
}

/// A field's code and value.
type Field<'a> = (u8, &'a [u8]);

/// The fields, if the body is nothing but fields and the zero byte that ends them.
fn parse(mut body: &[u8]) -> Option<Vec<Field<'_>>> {
    let mut fields = Vec::new();
    loop {
        let (&code, rest) = body.split_first()?;
        if code == 0 {
            return rest.is_empty().then_some(fields);
        }
        let end = rest.iter().position(|&byte| byte == 0)?;
        fields.push((code, &rest[..end]));
        body = &rest[end + 1..];
    }
}

fn first<'a>(fields: &[Field<'a>], code: u8) -> Option<&'a [u8]> {
    fields
        .iter()
        .find(|(found, _)| *found == code)
        .map(|(_, value)| *value)
}

fn accessors(diagnostic: &Diagnostic, fields: &[Field<'_>]) {
    for (code, value) in [
        (b'S', diagnostic.severity_text()),
        (b'M', diagnostic.message()),
        (b'D', diagnostic.detail()),
        (b'H', diagnostic.hint()),
        (b'q', diagnostic.internal_query()),
        (b'W', diagnostic.context()),
        (b's', diagnostic.schema()),
        (b't', diagnostic.table()),
        (b'c', diagnostic.column()),
        (b'd', diagnostic.data_type()),
        (b'n', diagnostic.constraint()),
        (b'F', diagnostic.file()),
        (b'R', diagnostic.routine()),
    ] {
        assert_eq!(
            value.map(WireStr::as_bytes),
            first(fields, code),
            "{}",
            code.escape_ascii()
        );
    }
    for (code, value) in [
        (b'P', diagnostic.position()),
        (b'p', diagnostic.internal_position()),
        (b'L', diagnostic.line()),
    ] {
        assert_eq!(
            value,
            first(fields, code).and_then(number),
            "{}",
            code.escape_ascii()
        );
    }
    let state = first(fields, b'C')
        .filter(|code| code.len() == 5 && code.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'Z')));
    assert_eq!(
        diagnostic
            .sqlstate()
            .as_ref()
            .map(|state| state.as_str().as_bytes()),
        state
    );
    let severity = first(fields, b'V')
        .or_else(|| first(fields, b'S'))
        .unwrap_or_default();
    match diagnostic.severity().name() {
        Some(name) => assert_eq!(name.as_bytes(), severity),
        None => assert_eq!(diagnostic.severity(), Severity::Unknown),
    }
}

/// Digits, with or without a plus sign, up to what 32 bits hold.
fn number(text: &[u8]) -> Option<u32> {
    let digits = text.strip_prefix(b"+").unwrap_or(text);
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u32, |sum, byte| {
        let digit = byte.is_ascii_digit().then(|| u32::from(byte - b'0'))?;
        sum.checked_mul(10)?.checked_add(digit)
    })
}

fn printing(diagnostic: &Diagnostic, fields: &[Field<'_>]) {
    let printed = diagnostic.to_string();
    assert!(!printed.contains('\0'));
    // An empty message stays one; none at all is told.
    assert!(!printed.is_empty() || first(fields, b'M') == Some(b""));
    if let Some(message) = first(fields, b'M') {
        assert!(printed.contains(&*String::from_utf8_lossy(message)), "{printed}");
    }
    if let Some(state) = diagnostic.sqlstate() {
        assert!(printed.ends_with(&format!("(SQLSTATE {state})")), "{printed}");
    }
    assert!(!format!("{diagnostic:?}").contains('\0'));
}
