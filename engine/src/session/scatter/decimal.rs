//! Values of type `numeric`, to be compared.

use std::cmp::Reverse;
use std::str::FromStr;

/// A number of any size; NaN is larger than all others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Decimal {
    NegativeInfinity,
    Negative(Reverse<Magnitude>),
    Zero,
    Positive(Magnitude),
    Infinity,
    NaN,
}

/// A number above zero.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Magnitude {
    /// How many digits are before the point.
    whole: usize,
    /// All digits, without zeros before the first one that counts in front of the point, and without zeros at the end.
    digits: Box<[u8]>,
}

impl Decimal {
    /// From the digits before the point and behind it.
    fn new(negative: bool, whole: &[u8], fraction: &[u8]) -> Self {
        let zeros = whole.iter().take_while(|digit| **digit == 0).count();
        let whole = whole.get(zeros..).unwrap_or_default();
        let mut digits = [whole, fraction].concat();
        let end = digits
            .iter()
            .rposition(|digit| *digit != 0)
            .map_or(0, |last| last + 1);
        digits.truncate(end);
        if digits.is_empty() {
            return Self::Zero;
        }
        let magnitude = Magnitude {
            whole: whole.len(),
            digits: digits.into(),
        };
        if negative {
            Self::Negative(Reverse(magnitude))
        } else {
            Self::Positive(magnitude)
        }
    }

    /// As PostgreSQL sends it: digits of base 10 000, behind their number, the first one's power, and the sign.
    pub(super) fn of_binary(value: &[u8]) -> Option<Self> {
        let (head, groups) = value.split_at_checked(8)?;
        let &[_, _, w0, w1, s0, s1, _, _] = head else {
            return None;
        };
        let negative = match u16::from_be_bytes([s0, s1]) {
            0 => false,
            0x4000 => true,
            0xC000 => return Some(Self::NaN),
            0xD000 => return Some(Self::Infinity),
            0xF000 => return Some(Self::NegativeInfinity),
            _ => return None,
        };
        if groups.len() % 2 != 0 {
            return None;
        }
        let mut digits = Vec::new();
        for group in groups.chunks(2) {
            let group = u16::from_be_bytes(group.try_into().ok()?);
            for power in [1000, 100, 10, 1] {
                digits.push(u8::try_from(group / power % 10).ok()?);
            }
        }
        let weight = i16::from_be_bytes([w0, w1]);
        // How many groups are before the point.
        Some(match usize::try_from(i32::from(weight) + 1) {
            Ok(before) => {
                if digits.len() < before * 4 {
                    digits.resize(before * 4, 0);
                }
                let (whole, fraction) = digits.split_at_checked(before * 4)?;
                Self::new(negative, whole, fraction)
            }
            Err(_) => {
                let mut fraction = vec![0; 4 * usize::from((weight + 1).unsigned_abs())];
                fraction.append(&mut digits);
                Self::new(negative, &[], &fraction)
            }
        })
    }
}

impl FromStr for Decimal {
    type Err = ();

    /// As PostgreSQL writes it, without an exponent.
    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "NaN" => return Ok(Self::NaN),
            "Infinity" => return Ok(Self::Infinity),
            "-Infinity" => return Ok(Self::NegativeInfinity),
            _ => {}
        }
        let (negative, text) = match text.strip_prefix('-') {
            Some(text) => (true, text),
            None => (false, text),
        };
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| -> Result<Vec<u8>, ()> {
            let digit = |c: u8| if c.is_ascii_digit() { Ok(c - b'0') } else { Err(()) };
            text.bytes().map(digit).collect()
        };
        if whole.is_empty() {
            return Err(());
        }
        Ok(Self::new(negative, &digits(whole)?, &digits(fraction)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_in_order() {
        let texts = [
            "-Infinity",
            "-100.5",
            "-100",
            "-99.999",
            "-9",
            "-0.1",
            "-0.01",
            "0",
            "0.0001",
            "0.001",
            "0.01",
            "0.011",
            "0.1",
            "0.9",
            "1",
            "1.01",
            "9",
            "10",
            "10.0001",
            "99",
            "100",
            "12345678901234567890",
            "Infinity",
            "NaN",
        ];
        let numbers = texts.map(|text| text.parse::<Decimal>().unwrap());
        assert!(numbers.is_sorted_by(|a, b| a < b));
        for (a, b) in [("1.50", "1.5"), ("-0.00", "0"), ("100", "100.0"), ("007", "7")] {
            assert_eq!(a.parse::<Decimal>(), b.parse::<Decimal>());
        }
        for text in ["", "-", "1e5", ".5", "1,5", "1.5.5", "nan"] {
            assert_eq!(text.parse::<Decimal>(), Err(()), "{text}");
        }
    }
}
