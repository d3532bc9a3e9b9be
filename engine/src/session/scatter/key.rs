//! Values to be compared, as PostgreSQL compares them.

use std::cmp::{Ordering, Reverse};

use dblink_protocol::wire::Format;
use postgres_types::Type;

use super::decimal::Decimal;
use super::moment;
use super::order::Order;

/// How the values of a type are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Integer,
    Oid,
    Float,
    Decimal,
    /// By bytes, as with the collation "C".
    Text,
    /// The same, without the blanks at its end.
    Padded,
    Bytes,
    Uuid,
    Date,
    Time,
    /// With a time zone or without: these are two.
    Timestamp(bool),
}

/// A value to be compared with others of its kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Integer(i64),
    Float(Float),
    Decimal(Decimal),
    Bytes(Box<[u8]>),
}

/// NaN is larger than all others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Float(f64);

/// A value, or NULL, where it is in the order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    First,
    Up(Key),
    Down(Reverse<Key>),
    Last,
}

impl Kind {
    /// How values of a type are compared; none if they are not.
    pub(super) fn of(type_: &Type) -> Option<Self> {
        Some(match *type_ {
            Type::BOOL | Type::INT2 | Type::INT4 | Type::INT8 => Self::Integer,
            Type::OID => Self::Oid,
            Type::FLOAT4 | Type::FLOAT8 => Self::Float,
            Type::NUMERIC => Self::Decimal,
            Type::TEXT | Type::VARCHAR | Type::NAME => Self::Text,
            Type::BPCHAR => Self::Padded,
            Type::BYTEA => Self::Bytes,
            Type::UUID => Self::Uuid,
            Type::DATE => Self::Date,
            Type::TIME => Self::Time,
            Type::TIMESTAMP => Self::Timestamp(false),
            Type::TIMESTAMPTZ => Self::Timestamp(true),
            _ => return None,
        })
    }

    pub(super) const fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Padded)
    }

    /// The value of these bytes; none if it is not one.
    pub(super) fn key(self, format: Format, value: &[u8]) -> Option<Key> {
        match self {
            Self::Text => return Some(Key::Bytes(value.into())),
            Self::Padded => return Some(Key::Bytes(trim_blanks(value).into())),
            _ => {}
        }
        match format {
            Format::Binary => self.key_of_binary(value),
            Format::Text => self.key_of_text(std::str::from_utf8(value).ok()?),
        }
    }

    fn key_of_binary(self, value: &[u8]) -> Option<Key> {
        Some(match self {
            Self::Float => Key::Float(Float(match value.len() {
                4 => f32::from_be_bytes(value.try_into().ok()?).into(),
                _ => f64::from_be_bytes(value.try_into().ok()?),
            })),
            Self::Oid => Key::Integer(u32::from_be_bytes(value.try_into().ok()?).into()),
            Self::Decimal => Key::Decimal(Decimal::of_binary(value)?),
            Self::Bytes | Self::Uuid => Key::Bytes(value.into()),
            Self::Date => Key::Integer(match i32::from_be_bytes(value.try_into().ok()?) {
                i32::MIN => i64::MIN,
                i32::MAX => i64::MAX,
                days => days.into(),
            }),
            _ => Key::Integer(match *value {
                [byte] => byte.into(),
                [a, b] => i16::from_be_bytes([a, b]).into(),
                [a, b, c, d] => i32::from_be_bytes([a, b, c, d]).into(),
                _ => i64::from_be_bytes(value.try_into().ok()?),
            }),
        })
    }

    fn key_of_text(self, text: &str) -> Option<Key> {
        Some(match self {
            Self::Float => Key::Float(Float(text.parse().ok()?)),
            Self::Decimal => Key::Decimal(text.parse().ok()?),
            Self::Bytes => Key::Bytes(hex(text.strip_prefix("\\x")?)?),
            Self::Uuid => Key::Bytes(hex(&text.replace('-', ""))?),
            Self::Date => Key::Integer(moment::date(text)?),
            Self::Time => Key::Integer(moment::time(text)?),
            Self::Timestamp(_) => Key::Integer(moment::timestamp(text)?),
            _ => Key::Integer(match text {
                "f" => 0,
                "t" => 1,
                _ => text.parse().ok()?,
            }),
        })
    }
}

fn trim_blanks(value: &[u8]) -> &[u8] {
    let end = value
        .iter()
        .rposition(|byte| *byte != b' ')
        .map_or(0, |last| last + 1);
    value.get(..end).unwrap_or_default()
}

fn hex(text: &str) -> Option<Box<[u8]>> {
    let digit = |c: u8| {
        char::from(c)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let pairs = text.as_bytes().chunks(2).map(|pair| match *pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    });
    pairs.collect()
}

impl Order {
    /// Where a value is.
    pub(super) fn rank(&self, key: Option<Key>) -> Rank {
        match key {
            None if self.nulls_first => Rank::First,
            None => Rank::Last,
            Some(key) if self.descending => Rank::Down(Reverse(key)),
            Some(key) => Rank::Up(key),
        }
    }
}

impl Ord for Float {
    fn cmp(&self, other: &Self) -> Ordering {
        match self.0.partial_cmp(&other.0) {
            Some(ordering) => ordering,
            None => self.0.is_nan().cmp(&other.0.is_nan()),
        }
    }
}

impl PartialOrd for Float {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Float {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Float {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_have_nan_at_the_end_and_one_zero() {
        let key = |text| Kind::Float.key_of_text(text).unwrap();
        let texts = [
            "-Infinity",
            "-1e300",
            "-0.5",
            "0",
            "1e-300",
            "2",
            "10",
            "Infinity",
            "NaN",
        ];
        assert!(texts.map(key).is_sorted_by(|a, b| a < b));
        assert_eq!(key("-0"), key("0"));
        assert_eq!(key("NaN"), key("NaN"));
    }

    #[test]
    fn what_is_no_value_is_none() {
        for (kind, text) in [
            (Kind::Integer, "1.5"),
            (Kind::Float, ""),
            (Kind::Decimal, "1e5"),
            (Kind::Bytes, "\\000"),
            (Kind::Bytes, "\\x0"),
            (Kind::Uuid, "x"),
            (Kind::Date, "03.02.2001"),
            (Kind::Time, "04-05"),
            (Kind::Timestamp(true), "Sat 03 Feb 04:05:06 2001 CET"),
        ] {
            assert_eq!(kind.key(Format::Text, text.as_bytes()), None, "{text}");
        }
        for kind in [Kind::Integer, Kind::Float, Kind::Date, Kind::Decimal] {
            for length in [0, 3, 5, 7] {
                assert_eq!(
                    kind.key(Format::Binary, &[255; 7][..length]),
                    None,
                    "{kind:?} of {length}"
                );
            }
        }
    }

    #[test]
    fn nulls_are_where_they_are_said_to_be() {
        let ranks = |order: Order| {
            let keys = [None, Some(Key::Integer(1)), Some(Key::Integer(2))];
            let mut ranks: Vec<_> = keys
                .into_iter()
                .map(|key| order.rank(key))
                .zip(["null", "1", "2"])
                .collect();
            ranks.sort();
            ranks.into_iter().map(|(_, name)| name).collect::<Vec<_>>()
        };
        assert_eq!(ranks(Order::ascending("a")), ["1", "2", "null"]);
        assert_eq!(ranks(Order::ascending("a").nulls_first()), ["null", "1", "2"]);
        assert_eq!(ranks(Order::descending("a")), ["null", "2", "1"]);
        assert_eq!(ranks(Order::descending("a").nulls_last()), ["2", "1", "null"]);
    }
}
