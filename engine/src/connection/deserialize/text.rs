//! What PostgreSQL would write for a value in binary format.

use std::borrow::Cow;
use std::fmt::Write as _;

use postgres_types::{FromSql, Kind, Type};

use super::failure::{Failure, exactly, malformed, take};
use super::{float, network, numeric, range, time};

/// The text of a value, as the type's output function gives it.
pub(super) fn text<'a>(type_: &Type, bytes: &'a [u8]) -> Result<Cow<'a, str>, Failure> {
    match type_.kind() {
        Kind::Domain(base) => return text(base, bytes),
        Kind::Enum(_) => return string(bytes),
        Kind::Range(subtype) => return Ok(range::range(subtype, bytes)?.into()),
        Kind::Multirange(subtype) => return Ok(range::multirange(subtype, bytes)?.into()),
        _ => {}
    }
    if <&str>::accepts(type_) {
        // Some have a byte before their text.
        return <&str>::from_sql(type_, bytes)
            .map(Cow::Borrowed)
            .map_err(|error| Failure::new(error.to_string()));
    }
    let owned = match *type_ {
        Type::JSON | Type::XML | Type::REFCURSOR => return string(bytes),
        Type::JSONPATH => return string(bytes.strip_prefix(&[1]).ok_or_else(malformed)?),
        Type::CHAR => return char(bytes),
        Type::INT2 => i16::from_be_bytes(exactly(bytes)?).to_string(),
        Type::INT4 => i32::from_be_bytes(exactly(bytes)?).to_string(),
        Type::INT8 => i64::from_be_bytes(exactly(bytes)?).to_string(),
        Type::FLOAT4 => float::single(f32::from_be_bytes(exactly(bytes)?)),
        Type::FLOAT8 => float::double(f64::from_be_bytes(exactly(bytes)?)),
        Type::NUMERIC => numeric::numeric(bytes)?,
        Type::DATE => time::date(bytes)?,
        Type::TIME => time::time(bytes)?,
        Type::TIMETZ => time::timetz(bytes)?,
        Type::TIMESTAMP => time::timestamp(bytes, "")?,
        Type::TIMESTAMPTZ => time::timestamp(bytes, "+00")?,
        Type::INTERVAL => time::interval(bytes)?,
        Type::UUID => uuid(bytes)?,
        Type::INET | Type::CIDR => network::inet(bytes)?,
        Type::MACADDR => network::macaddr(&exactly::<6>(bytes)?),
        Type::MACADDR8 => network::macaddr(&exactly::<8>(bytes)?),
        Type::BIT | Type::VARBIT => bits(bytes)?,
        Type::PG_LSN => {
            let position = u64::from_be_bytes(exactly(bytes)?);
            format!("{:X}/{:X}", position >> 32, position & u64::from(u32::MAX))
        }
        Type::TID => {
            let mut bytes = bytes;
            let block = u32::from_be_bytes(take(&mut bytes)?);
            format!("({block},{})", u16::from_be_bytes(exactly(bytes)?))
        }
        Type::POINT | Type::LSEG | Type::PATH | Type::BOX | Type::POLYGON | Type::LINE | Type::CIRCLE => {
            float::geometric(type_, bytes)?
        }
        _ => {
            return Err(Failure::new(format!(
                "its type, {type_}, has no form for serde: cast it to text in the statement"
            )));
        }
    };
    Ok(owned.into())
}

fn string(bytes: &[u8]) -> Result<Cow<'_, str>, Failure> {
    let text = std::str::from_utf8(bytes).map_err(|error| Failure::new(error.to_string()))?;
    Ok(text.into())
}

/// A `"char"`: nothing for a zero byte, and an octal number for what is not ASCII.
fn char(bytes: &[u8]) -> Result<Cow<'_, str>, Failure> {
    match bytes {
        [0] => Ok("".into()),
        [byte] if !byte.is_ascii() => Ok(format!("\\{byte:o}").into()),
        [_] => string(bytes),
        _ => Err(malformed()),
    }
}

fn uuid(bytes: &[u8]) -> Result<String, Failure> {
    let number = format!("{:032x}", u128::from_be_bytes(exactly(bytes)?));
    let mut digits = number.chars();
    let groups = [8, 4, 4, 4, 12].map(|length| digits.by_ref().take(length).collect::<String>());
    Ok(groups.join("-"))
}

fn bits(mut bytes: &[u8]) -> Result<String, Failure> {
    let length = i32::from_be_bytes(take(&mut bytes)?);
    let length = usize::try_from(length).map_err(|_| malformed())?;
    if bytes.len() != length.div_ceil(8) {
        return Err(malformed());
    }
    let mut text = String::with_capacity(bytes.len() * 8);
    for byte in bytes {
        // A String takes all that is written.
        let _ = write!(text, "{byte:08b}");
    }
    text.truncate(length);
    Ok(text)
}
