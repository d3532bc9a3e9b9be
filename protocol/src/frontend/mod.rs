//! The messages a client sends.
mod bind;
mod cancel_request;
mod close;
mod describe;
mod execute;
mod flush;
mod function_call;
mod gss_response;
mod gssenc_request;
mod initial;
mod parse;
mod password_message;
mod query;
mod sasl_initial_response;
mod sasl_response;
mod ssl_request;
mod startup_message;
mod sync;
mod target;
mod terminate;
pub use crate::copy::{CopyData, CopyDone, CopyFail};
pub use bind::Bind;
pub use cancel_request::CancelRequest;
pub use close::Close;
pub use describe::Describe;
pub use execute::Execute;
pub use flush::Flush;
pub use function_call::FunctionCall;
pub use gss_response::GssResponse;
pub use gssenc_request::GssEncRequest;
pub use initial::InitialMessage;
pub use parse::Parse;
pub use password_message::PasswordMessage;
pub use query::Query;
pub use sasl_initial_response::SaslInitialResponse;
pub use sasl_response::SaslResponse;
pub use ssl_request::SslRequest;
pub use startup_message::StartupMessage;
pub use sync::Sync;
pub use target::Target;
pub use terminate::Terminate;

use crate::wire::message_enum;

message_enum! {
    /// Any message that a client sends after it is authenticated.
    ///
    /// The answers to authentication requests are not among them: all four have the type byte `p`, so that only the
    /// request which they answer can tell which one it is. The packets that open a connection have no type byte: see
    /// [`InitialMessage`].
    pub enum FrontendMessage<'a> {
        Bind<'a>,
        Close<'a>,
        CopyData<'a>,
        CopyDone,
        CopyFail<'a>,
        Describe<'a>,
        Execute<'a>,
        Flush,
        FunctionCall<'a>,
        Parse<'a>,
        Query<'a>,
        Sync,
        Terminate,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_byte_chooses_the_message() {
        let message = FrontendMessage::decode(b'Q', b"select 1\0").unwrap();
        assert_eq!(
            message,
            FrontendMessage::Query(Query {
                query: "select 1".into()
            })
        );
        assert_eq!((message.name(), name(b'Q')), ("Query", Some("Query")));

        let mut out = Vec::new();
        message.encode(&mut out).unwrap();
        assert_eq!(out, b"Q\0\0\0\x0dselect 1\0");
    }

    #[test]
    fn the_list_has_every_type_byte_of_the_manual_but_that_of_authentication() {
        let tags: Vec<u8> = (0..=u8::MAX).filter(|&tag| name(tag).is_some()).collect();
        assert_eq!(tags.escape_ascii().to_string(), "BCDEFHPQSXcdf");
        assert_eq!(
            FrontendMessage::decode(b'Z', b"").unwrap_err().to_string(),
            "malformed unknown message: no message has the type byte 0x5A"
        );
    }
}
