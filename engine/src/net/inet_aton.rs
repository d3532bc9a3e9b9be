//! IPv4 addresses in all the notations that `inet_aton` takes.

/// The address, if the text is one: one to four numbers, each decimal, octal (`0…`) or hexadecimal (`0x…`), the last of
/// which fills all bytes that are left. So `127.1`, `0x7f000001` and `127.000.000.001` are the same.
///
/// PostgreSQL connects to what this takes, and so compares what a certificate holds with it, too.
pub(super) fn inet_aton(text: &str) -> Option<[u8; 4]> {
    let mut numbers = Vec::with_capacity(4);
    for part in text.split('.') {
        if numbers.len() == 4 {
            return None;
        }
        numbers.push(number(part)?);
    }
    let (last, leading) = numbers.split_last()?;
    let mut address = 0;
    let mut bits_left = 32;
    for byte in leading {
        bits_left -= 8;
        address |= u32::from(u8::try_from(*byte).ok()?) << bits_left;
    }
    if bits_left < 32 && last >> bits_left != 0 {
        return None;
    }
    Some((address | last).to_be_bytes())
}

fn number(text: &str) -> Option<u32> {
    let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None if text.starts_with('0') => (text, 8),
        None => (text, 10),
    };
    // `from_str_radix` takes a sign, too.
    digits
        .chars()
        .all(|digit| digit.is_digit(radix))
        .then(|| u32::from_str_radix(digits, radix).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notation_gives_the_same_address() {
        for text in [
            "192.0.2.1",
            "192.000.002.001",
            "0300.0.02.1",
            "0xC0.0x0.0X2.0x1",
            "192.0.513",
            "192.513",
            "3221225985",
            "0xc0000201",
            "030000001001",
        ] {
            assert_eq!(inet_aton(text), Some([192, 0, 2, 1]), "{text}");
        }
        assert_eq!(inet_aton("0"), Some([0; 4]));
        assert_eq!(inet_aton("4294967295"), Some([255; 4]));
    }

    #[test]
    fn everything_else_is_no_address() {
        for text in [
            "",
            ".",
            "1.",
            ".1",
            "1..2",
            "1.2.3.4.",
            "1.2.3.4.5",
            "1.2.3.256",
            "256.1",
            "1.2.65536",
            "1.16777216",
            "4294967296",
            "08.0.0.1",
            "0x",
            "0x.1",
            "+1.2.3.4",
            "1.2.3.-4",
            "1.2.3.4 ",
            " 1.2.3.4",
            "localhost",
            "::1",
        ] {
            assert_eq!(inet_aton(text), None, "{text}");
        }
    }
}
