//! Ranges.

use std::borrow::Cow;

use postgres_types::Type;

use super::failure::{Failure, malformed, take, take_value};
use super::text::text;

const EMPTY: u8 = 0x01;
const LOWER_INCLUSIVE: u8 = 0x02;
const UPPER_INCLUSIVE: u8 = 0x04;
const LOWER_INFINITE: u8 = 0x08;
const UPPER_INFINITE: u8 = 0x10;

/// The text of a range.
///
/// PostgreSQL manual: [Range Input/Output](https://www.postgresql.org/docs/current/rangetypes.html#RANGETYPES-IO).
pub(super) fn range(subtype: &Type, mut bytes: &[u8]) -> Result<String, Failure> {
    let [flags] = take(&mut bytes)?;
    let has = |flag: u8| flags & flag != 0;
    if has(EMPTY) {
        return Ok("empty".to_owned());
    }
    let mut bound = |infinite: u8| {
        if has(infinite) {
            return Ok(Cow::Borrowed(""));
        }
        let value = take_value(&mut bytes)?.ok_or_else(malformed)?;
        text(subtype, value).map(quoted)
    };
    let open = if has(LOWER_INCLUSIVE) { '[' } else { '(' };
    let close = if has(UPPER_INCLUSIVE) { ']' } else { ')' };
    Ok(format!(
        "{open}{},{}{close}",
        bound(LOWER_INFINITE)?,
        bound(UPPER_INFINITE)?
    ))
}

/// The text of a multirange.
pub(super) fn multirange(subtype: &Type, mut bytes: &[u8]) -> Result<String, Failure> {
    take::<4>(&mut bytes)?;
    let mut ranges = Vec::new();
    while !bytes.is_empty() {
        let value = take_value(&mut bytes)?.ok_or_else(malformed)?;
        ranges.push(range(subtype, value)?);
    }
    Ok(format!("{{{}}}", ranges.join(",")))
}

/// A bound, in quotation marks if it could be misunderstood without.
fn quoted(bound: Cow<'_, str>) -> Cow<'_, str> {
    let special = |character: char| {
        matches!(
            character,
            '"' | '\\' | '(' | ')' | '[' | ']' | ',' | '\t'..='\r' | ' '
        )
    };
    if !bound.is_empty() && !bound.contains(special) {
        return bound;
    }
    let escaped = bound.replace('\\', "\\\\").replace('"', "\"\"");
    format!("\"{escaped}\"").into()
}
