//! Good messages of a server, from which an input chooses.

/// All kinds of messages that a conversation may see, and a few that go together.
pub const REPLIES: &[&[u8]] = &[
    b"1\0\0\0\x04",
    b"2\0\0\0\x04",
    b"3\0\0\0\x04",
    b"n\0\0\0\x04",
    b"s\0\0\0\x04",
    b"I\0\0\0\x04",
    b"c\0\0\0\x04",
    b"Z\0\0\0\x05I",
    b"Z\0\0\0\x05T",
    b"Z\0\0\0\x05E",
    b"C\0\0\0\x0dSELECT 1\0",
    b"t\0\0\0\x0a\0\x01\0\0\0\x17",
    ONE_COLUMN,
    TWO_COLUMNS,
    b"T\0\0\0\x06\0\0",
    b"D\0\0\0\x06\0\0",
    b"D\0\0\0\x0b\0\x01\0\0\0\x01x",
    b"D\0\0\0\x0e\0\x02\xff\xff\xff\xff\0\0\0\0",
    b"D\0\0\0\x0e\0\x02\xff\xff\xff\xff\0\0\0\0D\0\0\0\x0f\0\x02\0\0\0\x01y\0\0\0\0",
    b"d\0\0\0\x04",
    b"d\0\0\0\x07ab\n",
    b"d\0\0\0\x05ad\0\0\0\x05b",
    b"G\0\0\0\x09\0\0\x01\0\0",
    b"H\0\0\0\x09\0\0\x01\0\0",
    b"W\0\0\0\x07\0\0\0",
    b"V\0\0\0\x08\xff\xff\xff\xff",
    b"V\0\0\0\x0a\0\0\0\x02ok",
    b"E\0\0\0\x13SERROR\0C57014\0\0",
    b"E\0\0\0\x13SFATAL\0C57P01\0\0",
    b"N\0\0\0\x14SNOTICE\0C00000\0\0",
    b"A\0\0\0\x0e\0\0\0\x07jobs\0\0",
    b"A\0\0\0\x10\0\0\0\x07jobs\x0042\0",
    b"S\0\0\0\x11TimeZone\0UTC\0",
    b"S\0\0\0\x14TimeZone\0Prague\0",
    b"K\0\0\0\x0c\0\0\0\x07key!",
    b"R\0\0\0\x08\0\0\0\0",
    b"v\0\0\0\x0c\0\x03\0\0\0\0\0\0",
    // What a flight of the extended protocol gets, up to a COPY or an error.
    b"1\0\0\0\x042\0\0\0\x04n\0\0\0\x04",
    b"1\0\0\0\x042\0\0\0\x04n\0\0\0\x04G\0\0\0\x09\0\0\x01\0\0",
    b"E\0\0\0\x13SERROR\0C57014\0\0Z\0\0\0\x05I",
    b"C\0\0\0\x0dSELECT 1\0Z\0\0\0\x05I",
    // The answers to the commands that make the COPY that failed certain.
    b"Z\0\0\0\x05I3\0\0\0\x04Z\0\0\0\x05I",
];

const ONE_COLUMN: &[u8] = b"T\0\0\0\x1a\0\x01c\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0";
const TWO_COLUMNS: &[u8] = b"T\0\0\0\x2e\0\x02\
    c\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0\
    c\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0";

#[cfg(test)]
mod tests {
    use dblink_protocol::backend::BackendMessage;

    use super::*;

    #[test]
    fn they_are_good() {
        for reply in REPLIES {
            let mut rest = *reply;
            while let Some((&[tag, a, b, c, d], _)) = rest.split_first_chunk() {
                let frame = u32::from_be_bytes([a, b, c, d]) as usize + 1;
                let body = rest
                    .get(5..frame)
                    .unwrap_or_else(|| panic!("{}", reply.escape_ascii()));
                BackendMessage::decode(tag, body)
                    .unwrap_or_else(|error| panic!("{error}: {}", reply.escape_ascii()));
                rest = &rest[frame..];
            }
            assert!(rest.is_empty(), "{}", reply.escape_ascii());
        }
    }
}
