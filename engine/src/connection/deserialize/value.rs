//! A value as serde's data model.

use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;

use dblink_protocol::wire::Format;
use postgres_types::{Kind, Type};
use serde_core::de::value::{CowStrDeserializer, SeqDeserializer};
use serde_core::de::{Deserializer, Visitor};
use serde_json::de::SliceRead;

use super::array::Array;
use super::composite::Composite;
use super::failure::{Failure, exactly, malformed};
use super::text::text;

/// A value of a column, or a part of one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value<'a, 't> {
    type_: &'t Type,
    format: Format,
    /// None for null.
    bytes: Option<&'a [u8]>,
}

/// What a value is to serde.
enum Form<'a, 't> {
    Bool(bool),
    Int(i64),
    Unsigned(u64),
    Single(f32),
    Double(f64),
    Text(Cow<'a, str>),
    /// Text that is a number where one is asked for.
    Number(Cow<'a, str>),
    Bytes(Cow<'a, [u8]>),
    Json(&'a [u8]),
    Array(Array<'a, 't>),
    Composite(Composite<'a, 't>),
}

type Json<'a> = serde_json::Deserializer<SliceRead<'a>>;

impl<'a, 't> Value<'a, 't> {
    pub(super) fn new(mut type_: &'t Type, format: Format, bytes: Option<&'a [u8]>) -> Self {
        while let Kind::Domain(base) = type_.kind() {
            type_ = base;
        }
        Self { type_, format, bytes }
    }

    fn form(&self) -> Result<Form<'a, 't>, Failure> {
        let bytes = self
            .bytes
            .ok_or_else(|| Failure::new("it is null, which only an Option can be"))?;
        match self.format {
            Format::Binary => binary(self.type_, bytes),
            _ => textual(self.type_, bytes),
        }
    }

    /// The value as a number, if it is one that is written in text; or else whatever it is.
    fn number<T, V, R>(self, visitor: V, visit: impl FnOnce(V, T) -> Result<R, Failure>) -> Result<R, Failure>
    where
        T: FromStr<Err: Display>,
        V: Visitor<'a, Value = R>,
    {
        match self.form()? {
            Form::Number(text) => {
                let number = text.parse().map_err(|cause| {
                    let name = std::any::type_name::<T>();
                    Failure::new(format!("\"{text}\" is no {name}: {cause}"))
                })?;
                visit(visitor, number)
            }
            form => form.visit(visitor),
        }
    }

    fn is_json(&self) -> bool {
        matches!(*self.type_, Type::JSON | Type::JSONB)
    }
}

fn utf8(bytes: &[u8]) -> Result<&str, Failure> {
    std::str::from_utf8(bytes).map_err(|error| Failure::new(error.to_string()))
}

/// A value in binary format.
fn binary<'a, 't>(type_: &'t Type, bytes: &'a [u8]) -> Result<Form<'a, 't>, Failure> {
    match type_.kind() {
        Kind::Array(element) => return Ok(Form::Array(Array::read(element, bytes)?)),
        Kind::Composite(fields) => return Ok(Form::Composite(Composite::read(fields, bytes)?)),
        _ => {}
    }
    Ok(match *type_ {
        Type::BOOL => match bytes {
            [0] => Form::Bool(false),
            [1] => Form::Bool(true),
            _ => return Err(malformed()),
        },
        Type::INT2 => Form::Int(i16::from_be_bytes(exactly(bytes)?).into()),
        Type::INT4 => Form::Int(i32::from_be_bytes(exactly(bytes)?).into()),
        Type::INT8 | Type::MONEY => Form::Int(i64::from_be_bytes(exactly(bytes)?)),
        Type::XID8 => Form::Unsigned(u64::from_be_bytes(exactly(bytes)?)),
        Type::OID
        | Type::XID
        | Type::CID
        | Type::REGPROC
        | Type::REGPROCEDURE
        | Type::REGOPER
        | Type::REGOPERATOR
        | Type::REGCLASS
        | Type::REGTYPE
        | Type::REGCONFIG
        | Type::REGDICTIONARY
        | Type::REGNAMESPACE
        | Type::REGROLE
        | Type::REGCOLLATION => Form::Unsigned(u32::from_be_bytes(exactly(bytes)?).into()),
        Type::FLOAT4 => Form::Single(f32::from_be_bytes(exactly(bytes)?)),
        Type::FLOAT8 => Form::Double(f64::from_be_bytes(exactly(bytes)?)),
        Type::BYTEA => Form::Bytes(bytes.into()),
        Type::JSON => Form::Json(bytes),
        Type::JSONB => Form::Json(bytes.strip_prefix(&[1]).ok_or_else(malformed)?),
        Type::NUMERIC => Form::Number(text(type_, bytes)?),
        Type::RECORD => Form::Composite(Composite::read_record(bytes)?),
        _ => Form::Text(text(type_, bytes)?),
    })
}

/// A value in text format.
fn textual<'a, 't>(type_: &Type, bytes: &'a [u8]) -> Result<Form<'a, 't>, Failure> {
    let text = utf8(bytes)?;
    let parsed = match *type_ {
        Type::BOOL => match text {
            "t" => Some(Form::Bool(true)),
            "f" => Some(Form::Bool(false)),
            _ => None,
        },
        Type::INT2 | Type::INT4 | Type::INT8 => text.parse().ok().map(Form::Int),
        Type::OID | Type::XID | Type::CID | Type::XID8 => text.parse().ok().map(Form::Unsigned),
        Type::FLOAT4 => text.parse().ok().map(Form::Single),
        Type::FLOAT8 => text.parse().ok().map(Form::Double),
        Type::BYTEA => unhex(text).map(|bytes| Form::Bytes(bytes.into())),
        Type::JSON | Type::JSONB => Some(Form::Json(bytes)),
        _ => None,
    };
    Ok(parsed.unwrap_or_else(|| Form::Number(text.into())))
}

/// The bytes of a `bytea` in hexadecimal form.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.strip_prefix("\\x")?.as_bytes().as_chunks::<2>();
    let digit = |digit: u8| char::from(digit).to_digit(16);
    let bytes = pairs
        .iter()
        .map(|[high, low]| u8::try_from(digit(*high)? * 16 + digit(*low)?).ok());
    bytes.collect::<Option<_>>().filter(|_| rest.is_empty())
}

fn json<'a, T>(
    bytes: &'a [u8],
    read: impl FnOnce(&mut Json<'a>) -> serde_json::Result<T>,
) -> Result<T, Failure> {
    let mut json = Json::from_slice(bytes);
    let value = read(&mut json).and_then(|value| json.end().map(|()| value));
    value.map_err(|error| Failure::new(error.to_string()))
}

impl<'a> Form<'a, '_> {
    fn visit<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self {
            Self::Bool(value) => visitor.visit_bool(value),
            Self::Int(value) => visitor.visit_i64(value),
            Self::Unsigned(value) => visitor.visit_u64(value),
            Self::Single(value) => visitor.visit_f32(value),
            Self::Double(value) => visitor.visit_f64(value),
            Self::Text(Cow::Borrowed(text)) | Self::Number(Cow::Borrowed(text)) => {
                visitor.visit_borrowed_str(text)
            }
            Self::Text(Cow::Owned(text)) | Self::Number(Cow::Owned(text)) => visitor.visit_string(text),
            Self::Bytes(Cow::Borrowed(bytes)) => visitor.visit_borrowed_bytes(bytes),
            Self::Bytes(Cow::Owned(bytes)) => visitor.visit_byte_buf(bytes),
            Self::Json(bytes) => json(bytes, |json| json.deserialize_any(visitor)),
            Self::Array(array) => array.visit(visitor),
            Self::Composite(composite) => composite.visit_map(visitor),
        }
    }

    fn visit_sequence<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self {
            Self::Composite(composite) => composite.visit_seq(visitor),
            Self::Bytes(bytes) => visitor.visit_seq(SeqDeserializer::new(bytes.iter().copied())),
            Self::Json(bytes) => json(bytes, |json| json.deserialize_seq(visitor)),
            form => form.visit(visitor),
        }
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident $type:ty,)*) => {
        $(fn $method<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failure> {
            self.number(visitor, |visitor, number: $type| visitor.$visit(number))
        })*
    };
}

/// Infinity that comes of a number too large is none.
fn in_range(is_finite: bool, text: &str) -> Result<(), Failure> {
    let named = text.trim_start_matches(['+', '-']);
    if is_finite || !named.starts_with(|first: char| first.is_ascii_digit()) {
        return Ok(());
    }
    Err(Failure::new(format!("{text} is out of range")))
}

/// That an integer is none of those that the float can be.
fn inexact(number: impl Display) -> Failure {
    Failure::new(format!("{number} has more digits than the float can hold"))
}

impl<'a> Deserializer<'a> for Value<'a, '_> {
    type Error = Failure;

    numbers! {
        deserialize_i8 visit_i8 i8,
        deserialize_i16 visit_i16 i16,
        deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64,
        deserialize_i128 visit_i128 i128,
        deserialize_u8 visit_u8 u8,
        deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32,
        deserialize_u64 visit_u64 u64,
        deserialize_u128 visit_u128 u128,
    }

    fn deserialize_f32<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failure> {
        let form = self.form()?;
        let number: f64 = match &form {
            Form::Double(number) => *number,
            Form::Int(number) => i32::try_from(*number).map_err(|_| inexact(number))?.into(),
            Form::Unsigned(number) => u32::try_from(*number).map_err(|_| inexact(number))?.into(),
            Form::Number(text) => {
                let number: f32 = parse_float(text)?;
                in_range(number.is_finite(), text)?;
                return visitor.visit_f32(number);
            }
            _ => return form.visit(visitor),
        };
        // Rounds to the nearest.
        #[expect(
            clippy::cast_possible_truncation,
            reason = "what is out of range is refused below"
        )]
        let single = number as f32;
        in_range(single.is_finite() || !number.is_finite(), &number.to_string())?;
        if !matches!(form, Form::Double(_)) && f64::from(single) != number {
            return Err(inexact(number));
        }
        visitor.visit_f32(single)
    }

    fn deserialize_f64<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failure> {
        /// Up to here a float has every integer.
        const LARGEST: u64 = 1 << 53;
        let form = self.form()?;
        match &form {
            Form::Int(number) if number.unsigned_abs() > LARGEST => Err(inexact(number)),
            Form::Unsigned(number) if *number > LARGEST => Err(inexact(number)),
            Form::Number(text) => {
                let number: f64 = parse_float(text)?;
                in_range(number.is_finite(), text)?;
                visitor.visit_f64(number)
            }
            _ => form.visit(visitor),
        }
    }

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.bytes {
            Some(_) => self.form()?.visit(visitor),
            None => visitor.visit_none(),
        }
    }

    fn deserialize_bool<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.form()?.visit(visitor)
    }

    fn deserialize_char<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.form()?.visit(visitor)
    }

    fn deserialize_str<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.form()?.visit(visitor)
    }

    fn deserialize_string<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.form()?.visit(visitor)
    }

    fn deserialize_identifier<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.form()?.visit(visitor)
    }

    fn deserialize_bytes<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.form()?.visit(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.form()?.visit(visitor)
    }

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failure> {
        if self.bytes.is_none() {
            return visitor.visit_none();
        }
        // JSON has a null of its own.
        if self.is_json()
            && let Form::Json(bytes) = self.form()?
        {
            return json(bytes, |json| json.deserialize_option(visitor));
        }
        visitor.visit_some(self)
    }

    fn deserialize_unit<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.bytes {
            None => visitor.visit_unit(),
            Some(_) => self.form()?.visit(visitor),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'a>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.form()?.visit_sequence(visitor)
    }

    fn deserialize_tuple<V: Visitor<'a>>(self, _: usize, visitor: V) -> Result<V::Value, Failure> {
        self.form()?.visit_sequence(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'a>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.form()?.visit_sequence(visitor)
    }

    fn deserialize_map<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.form()?.visit(visitor)
    }

    fn deserialize_struct<V: Visitor<'a>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        match self.form()? {
            Form::Json(bytes) => json(bytes, |json| json.deserialize_struct(name, fields, visitor)),
            form => form.visit(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'a>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        match self.form()? {
            Form::Text(text) | Form::Number(text) => visitor.visit_enum(CowStrDeserializer::new(text)),
            Form::Json(bytes) => json(bytes, |json| json.deserialize_enum(name, variants, visitor)),
            form => form.visit(visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_unit()
    }
}

fn parse_float<T: FromStr<Err: Display>>(text: &str) -> Result<T, Failure> {
    text.parse()
        .map_err(|cause| Failure::new(format!("\"{text}\" is no float: {cause}")))
}
