//! NotificationResponse.

use crate::wire::{DecodeError, EncodeError, Message, Reader, WireStr, Writer};

/// A session has notified a channel that this session listens to. It may come at any moment.
///
/// PostgreSQL manual: [NotificationResponse](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-NOTIFICATIONRESPONSE).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotificationResponse<'a> {
    /// The process of the session that notified.
    pub process_id: i32,
    /// The channel.
    pub channel: WireStr<'a>,
    /// The payload; empty where none was given.
    pub payload: WireStr<'a>,
}

impl<'a> Message<'a> for NotificationResponse<'a> {
    const NAME: &'static str = "NotificationResponse";
    const TAG: Option<u8> = Some(b'A');

    fn encode_body(&self, body: &mut Writer<'_>) -> Result<(), EncodeError> {
        body.int32("process ID", self.process_id)?;
        body.string("channel", self.channel)?;
        body.string("payload", self.payload)
    }

    fn decode_body(body: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            process_id: body.int32("process ID")?,
            channel: body.string("channel")?,
            payload: body.string("payload")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::testing::{assert_bytes, assert_round_trip, assert_strict};

    const BYTES: &[u8] = b"A\0\0\0\x10\0\0\0\x4djobs\x0042\0";

    #[test]
    fn bytes() {
        let message = NotificationResponse {
            process_id: 77,
            channel: "jobs".into(),
            payload: "42".into(),
        };
        assert_bytes(&message, BYTES);
        assert_strict::<NotificationResponse<'_>>(BYTES, &[BYTES, b"\0"].concat());
    }

    proptest! {
        #[test]
        fn round_trip(process_id: i32, channel in "[^\0]*", payload in "[^\0]*") {
            let message = NotificationResponse {
                process_id,
                channel: (&channel).into(),
                payload: (&payload).into(),
            };
            assert_round_trip(&message, &mut Vec::new());
        }
    }
}
