//! The client's answers to authentication requests.

use super::line::{Line, Printer, Sender};
use super::stream::Frame;
use crate::backend::Authentication;
use crate::frontend::{GssResponse, PasswordMessage, SaslInitialResponse, SaslResponse};
use crate::wire::Message;

/// The type byte that all of them share.
pub(super) const TAG: u8 = b'p';

/// Which of the four messages answers a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Response {
    Password,
    SaslInitial,
    Sasl,
    Gss,
}

impl Response {
    /// What the client sends next, if the request wants an answer.
    pub(super) const fn to(request: &Authentication<'_>) -> Option<Self> {
        match request {
            Authentication::CleartextPassword | Authentication::Md5Password { .. } => Some(Self::Password),
            Authentication::Gss | Authentication::GssContinue(_) | Authentication::Sspi => Some(Self::Gss),
            Authentication::Sasl { .. } => Some(Self::SaslInitial),
            Authentication::SaslContinue(_) => Some(Self::Sasl),
            Authentication::Ok
            | Authentication::KerberosV5
            | Authentication::SaslFinal(_)
            | Authentication::Other { .. } => None,
        }
    }
}

/// Prints the client's answer to an authentication request; without a request, nobody knows which message it is.
pub(super) fn print(frame: &Frame<'_>, response: Option<Response>, printer: &mut Printer<'_>) {
    let length = Some(frame.length);
    // It would tell a password's length.
    let secret_length = length.filter(|_| printer.options.reveal_secrets);
    match response {
        Some(Response::Password) => print_as(
            frame,
            secret_length,
            printer,
            |message: PasswordMessage<'_>, line| {
                line.secret_string(message.password);
            },
        ),
        Some(Response::SaslInitial) => print_as(
            frame,
            length,
            printer,
            |message: SaslInitialResponse<'_>, line| {
                line.string(message.mechanism);
                match message.response {
                    Some(data) => {
                        line.count(data.len());
                        line.secret_bytes(data);
                    }
                    None => line.int32(-1),
                }
            },
        ),
        Some(Response::Sasl) => print_as(frame, length, printer, |message: SaslResponse<'_>, line| {
            line.secret_bytes(message.data);
        }),
        Some(Response::Gss) => print_as(frame, length, printer, |message: GssResponse<'_>, line| {
            line.secret_bytes(message.data);
        }),
        None => printer.line(
            Sender::Frontend,
            secret_length,
            "UnknownAuthenticationResponse",
            |_| {},
        ),
    }
}

/// Prints it as the message `M`.
fn print_as<'a, M: Message<'a>>(
    frame: &Frame<'a>,
    length: Option<u32>,
    printer: &mut Printer<'_>,
    fields: impl FnOnce(M, &mut Line<'_>),
) {
    match M::decode(frame.body) {
        Ok(message) => printer.line(Sender::Frontend, length, M::NAME, |line| fields(message, line)),
        Err(error) => printer.unreadable(Sender::Frontend, length, error),
    }
}

#[cfg(test)]
mod tests {
    use crate::trace::Tracer;

    /// Prints an answer to the authentication request with this body, of which nothing else is shown.
    fn answer(tracer: Tracer, request: &[u8], answer: &[u8]) -> String {
        let mut tracer = tracer;
        let length = u32::try_from(request.len() + 4).unwrap();
        let request = [b"R", &length.to_be_bytes()[..], request].concat();
        tracer.backend(None, &request, &mut String::new());
        let mut out = String::new();
        tracer.frontend(None, answer, &mut out);
        out
    }

    #[test]
    fn the_servers_request_tells_which_response_it_is() {
        let reveal = || Tracer::for_session().reveal_secrets(true);
        for request in [&b"\0\0\0\x03"[..], b"\0\0\0\x05salt"] {
            let line = "F	10	PasswordMessage	 \"tiger\"\n";
            assert_eq!(answer(reveal(), request, b"p\0\0\0\x0atiger\0"), line);
        }
        for request in [&b"\0\0\0\x07"[..], b"\0\0\0\x08token", b"\0\0\0\x09"] {
            let line = "F	8	GSSResponse	 'a\\x00bc'\n";
            assert_eq!(answer(reveal(), request, b"p\0\0\0\x08a\0bc"), line);
        }
        let sasl = b"\0\0\0\x0aM\0\0";
        assert_eq!(
            answer(reveal(), sasl, b"p\0\0\0\x0dM\0\0\0\0\x03n,,"),
            "F	13	SASLInitialResponse	 \"M\" 3 'n,,'\n"
        );
        assert_eq!(
            answer(reveal(), sasl, b"p\0\0\0\x0aM\0\xff\xff\xff\xff"),
            "F	10	SASLInitialResponse	 \"M\" -1\n"
        );
        assert_eq!(
            answer(reveal(), b"\0\0\0\x0br=", b"p\0\0\0\x06c="),
            "F	6	SASLResponse	 'c='\n"
        );
        for request in [
            &b"\0\0\0\0"[..],
            b"\0\0\0\x02",
            b"\0\0\0\x0cv=",
            b"\0\0\0\x63",
            b"\0",
        ] {
            let line = "F	10	UnknownAuthenticationResponse\n";
            assert_eq!(answer(reveal(), request, b"p\0\0\0\x0atiger\0"), line);
        }
    }

    #[test]
    fn a_request_is_answered_once() {
        let message = b"p\0\0\0\x0atiger\0";
        assert_eq!(
            answer(
                Tracer::for_session(),
                b"\0\0\0\x03",
                &[&message[..], message].concat()
            ),
            "F	NN	PasswordMessage	 \"***\"\nF	NN	UnknownAuthenticationResponse\n"
        );
    }

    #[test]
    fn secrets_are_hidden() {
        let hide = Tracer::for_session;
        assert_eq!(
            answer(hide(), b"\0\0\0\x03", b"p\0\0\0\x0atiger\0"),
            "F	NN	PasswordMessage	 \"***\"\n"
        );
        assert_eq!(
            answer(hide(), b"\0\0\0\x07", b"p\0\0\0\x08a\0bc"),
            "F	8	GSSResponse	 '***'\n"
        );
        assert_eq!(
            answer(hide(), b"\0\0\0\x0aM\0\0", b"p\0\0\0\x0dM\0\0\0\0\x03n,,"),
            "F	13	SASLInitialResponse	 \"M\" 3 '***'\n"
        );
        assert_eq!(
            answer(hide(), b"\0\0\0\x0br=", b"p\0\0\0\x06c="),
            "F	6	SASLResponse	 '***'\n"
        );
    }

    #[test]
    fn regress_leaves_out_what_varies() {
        for reveal in [false, true] {
            let regress = || Tracer::for_session().regress(true).reveal_secrets(reveal);
            assert_eq!(
                answer(regress(), b"\0\0\0\x07", b"p\0\0\0\x08a\0bc"),
                "F	8	GSSResponse	 'BBBB'\n"
            );
            assert_eq!(
                answer(regress(), b"\0\0\0\x0aM\0\0", b"p\0\0\0\x0dM\0\0\0\0\x03n,,"),
                "F	13	SASLInitialResponse	 \"M\" 3 'BBBB'\n"
            );
            assert_eq!(
                answer(regress(), b"\0\0\0\x0br=", b"p\0\0\0\x06c="),
                "F	6	SASLResponse	 'BBBB'\n"
            );
        }
        // libpq takes a password for something that does not vary.
        let password = |reveal| {
            let tracer = Tracer::for_session().regress(true).reveal_secrets(reveal);
            answer(tracer, b"\0\0\0\x03", b"p\0\0\0\x0atiger\0")
        };
        assert_eq!(password(false), "F	NN	PasswordMessage	 \"***\"\n");
        assert_eq!(password(true), "F	10	PasswordMessage	 \"tiger\"\n");
    }

    #[test]
    fn what_is_malformed_is_named() {
        let password = "F	NN	PasswordMessage\n\
             malformed PasswordMessage message: field \"password\" has no terminating zero byte\n";
        assert_eq!(
            answer(Tracer::for_session(), b"\0\0\0\x03", b"p\0\0\0\x09tiger"),
            password
        );
    }
}
