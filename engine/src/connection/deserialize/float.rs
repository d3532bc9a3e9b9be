//! Floating-point numbers, and the geometric types that are made of them.

use postgres_types::Type;

use super::failure::{Failure, malformed, take};

/// The shortest text that is read back as the same number. Of two that are equally near to it, it may not be the one that
/// PostgreSQL takes.
///
/// PostgreSQL manual: [Floating-Point Types](https://www.postgresql.org/docs/current/datatype-numeric.html#DATATYPE-FLOAT).
pub(super) fn double(number: f64) -> String {
    written(number.is_finite(), &format!("{number:e}"), 15)
}

pub(super) fn single(number: f32) -> String {
    written(number.is_finite(), &format!("{number:e}"), 6)
}

/// A number from its shortest digits: with an exponent if that is `limit` or more, or less than -4.
fn written(is_finite: bool, scientific: &str, limit: usize) -> String {
    if !is_finite {
        return scientific.replace("inf", "Infinity");
    }
    let (sign, scientific) = match scientific.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", scientific),
    };
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let digits = mantissa.replace('.', "");
    if let Some(below) = exponent.strip_prefix('-') {
        return match below.parse::<usize>() {
            Ok(below @ ..=4) => format!("{sign}0.{}{digits}", "0".repeat(below.saturating_sub(1))),
            _ => format!("{sign}{mantissa}e-{below:0>2}"),
        };
    }
    match exponent.parse::<usize>() {
        Ok(above) if above < limit => {
            let mut digits = format!("{digits:0<width$}", width = above + 1);
            if digits.len() > above + 1 {
                digits.insert(above + 1, '.');
            }
            sign.to_owned() + &digits
        }
        _ => format!("{sign}{mantissa}e+{exponent:0>2}"),
    }
}

/// A geometric value.
///
/// PostgreSQL manual: [Geometric Types](https://www.postgresql.org/docs/current/datatype-geometric.html).
pub(super) fn geometric(type_: &Type, mut bytes: &[u8]) -> Result<String, Failure> {
    let closed = match *type_ {
        Type::PATH => take(&mut bytes)? != [0],
        _ => true,
    };
    if matches!(*type_, Type::PATH | Type::POLYGON) {
        let count = i32::from_be_bytes(take(&mut bytes)?);
        if usize::try_from(count).ok() != Some(bytes.len() / 16) {
            return Err(malformed());
        }
    }
    let (numbers, rest) = bytes.as_chunks::<8>();
    if !rest.is_empty() {
        return Err(malformed());
    }
    let numbers: Vec<_> = numbers
        .iter()
        .map(|number| double(f64::from_be_bytes(*number)))
        .collect();
    let points: Vec<_> = numbers
        .chunks(2)
        .map(|point| format!("({})", point.join(",")))
        .collect();
    Ok(match (type_.clone(), &numbers[..]) {
        (Type::POINT, [_, _]) | (Type::BOX, [_, _, _, _]) => points.join(","),
        (Type::LSEG, [_, _, _, _]) => format!("[{}]", points.join(",")),
        (Type::LINE, [_, _, _]) => format!("{{{}}}", numbers.join(",")),
        (Type::CIRCLE, [x, y, radius]) => format!("<({x},{y}),{radius}>"),
        (Type::POLYGON, _) => format!("({})", points.join(",")),
        (Type::PATH, _) if closed => format!("({})", points.join(",")),
        (Type::PATH, _) => format!("[{}]", points.join(",")),
        _ => return Err(malformed()),
    })
}
