//! The messages a server sends.
mod authentication;
mod backend_key_data;
mod bind_complete;
mod close_complete;
mod command_complete;
mod command_tag;
mod copy_both_response;
mod copy_format;
mod copy_in_response;
mod copy_out_response;
mod data_row;
mod diagnostic;
mod empty_query_response;
mod error_response;
mod field_code;
mod fields;
mod function_call_response;
mod negotiate_protocol_version;
mod no_data;
mod notice_response;
mod notification_response;
mod parameter_description;
mod parameter_status;
mod parse_complete;
mod portal_suspended;
mod ready_for_query;
mod row_description;
mod severity;
pub use crate::copy::{CopyData, CopyDone};
pub use authentication::Authentication;
pub use backend_key_data::BackendKeyData;
pub use bind_complete::BindComplete;
pub use close_complete::CloseComplete;
pub use command_complete::CommandComplete;
pub use command_tag::CommandTag;
pub use copy_both_response::CopyBothResponse;
pub use copy_format::CopyFormat;
pub use copy_in_response::CopyInResponse;
pub use copy_out_response::CopyOutResponse;
pub use data_row::DataRow;
pub use diagnostic::Diagnostic;
pub use empty_query_response::EmptyQueryResponse;
pub use error_response::ErrorResponse;
pub use field_code::FieldCode;
pub use fields::Fields;
pub use function_call_response::FunctionCallResponse;
pub use negotiate_protocol_version::NegotiateProtocolVersion;
pub use no_data::NoData;
pub use notice_response::NoticeResponse;
pub use notification_response::NotificationResponse;
pub use parameter_description::ParameterDescription;
pub use parameter_status::ParameterStatus;
pub use parse_complete::ParseComplete;
pub use portal_suspended::PortalSuspended;
pub use ready_for_query::{ReadyForQuery, TransactionStatus};
pub use row_description::{FieldDescription, RowDescription};
pub use severity::Severity;

use crate::wire::message_enum;

message_enum! {
    /// Any message that a server sends.
    pub enum BackendMessage<'a> {
        Authentication<'a>,
        BackendKeyData<'a>,
        BindComplete,
        CloseComplete,
        CommandComplete<'a>,
        CopyBothResponse,
        CopyData<'a>,
        CopyDone,
        CopyInResponse,
        CopyOutResponse,
        DataRow<'a>,
        EmptyQueryResponse,
        ErrorResponse<'a>,
        FunctionCallResponse<'a>,
        NegotiateProtocolVersion<'a>,
        NoData,
        NoticeResponse<'a>,
        NotificationResponse<'a>,
        ParameterDescription,
        ParameterStatus<'a>,
        ParseComplete,
        PortalSuspended,
        ReadyForQuery,
        RowDescription<'a>,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_byte_chooses_the_message() {
        let message = BackendMessage::decode(b'Z', b"I").unwrap();
        assert_eq!(
            message,
            BackendMessage::ReadyForQuery(ReadyForQuery {
                status: TransactionStatus::Idle
            })
        );
        assert_eq!(
            (message.name(), name(b'Z')),
            ("ReadyForQuery", Some("ReadyForQuery"))
        );

        let mut out = Vec::new();
        message.encode(&mut out).unwrap();
        assert_eq!(out, b"Z\0\0\0\x05I");
    }

    #[test]
    fn the_list_has_every_type_byte_of_the_manual() {
        let tags: Vec<u8> = (0..=u8::MAX).filter(|&tag| name(tag).is_some()).collect();
        assert_eq!(tags.escape_ascii().to_string(), "123ACDEGHIKNRSTVWZcdnstv");
        assert_eq!(
            BackendMessage::decode(b'Q', b"").unwrap_err().to_string(),
            "malformed unknown message: no message has the type byte 0x51"
        );
    }
}
