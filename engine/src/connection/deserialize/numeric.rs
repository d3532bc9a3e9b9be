//! `numeric`, digit for digit.

use super::failure::{Failure, malformed, take};

/// How many decimal digits one of its digits is.
const DIGITS: usize = 4;

/// The text of a `numeric`. Its digits are to the base of 10,000, with the weight of the first told.
///
/// PostgreSQL manual: [Arbitrary Precision Numbers](https://www.postgresql.org/docs/current/datatype-numeric.html#DATATYPE-NUMERIC-DECIMAL).
pub(super) fn numeric(mut bytes: &[u8]) -> Result<String, Failure> {
    let count = usize::from(u16::from_be_bytes(take(&mut bytes)?));
    let weight = i32::from(i16::from_be_bytes(take(&mut bytes)?));
    let sign = u16::from_be_bytes(take(&mut bytes)?);
    let scale = usize::from(u16::from_be_bytes(take(&mut bytes)?));
    let negative = match sign {
        0x0000 => false,
        0x4000 => true,
        0xC000 => return Ok("NaN".to_owned()),
        0xD000 => return Ok("Infinity".to_owned()),
        0xF000 => return Ok("-Infinity".to_owned()),
        _ => return Err(malformed()),
    };
    let (digits, rest) = bytes.as_chunks::<2>();
    if digits.len() != count || !rest.is_empty() {
        return Err(malformed());
    }
    // The digit of that weight; the fraction's weights are below 0.
    let digit = |at: i32| {
        let index = usize::try_from(weight - at).ok();
        let digit = index.and_then(|index| digits.get(index));
        digit.map_or(0, |digit| u16::from_be_bytes(*digit))
    };
    let mut text = String::new();
    if negative {
        text.push('-');
    }
    text.push_str(&digit(weight.max(0)).to_string());
    for at in (0..weight).rev() {
        text.push_str(&format!("{:04}", digit(at)));
    }
    if scale > 0 {
        text.push('.');
        let end = text.len() + scale;
        for at in (1_i32..).take(scale.div_ceil(DIGITS)) {
            text.push_str(&format!("{:04}", digit(-at)));
        }
        text.truncate(end);
    }
    Ok(text)
}
