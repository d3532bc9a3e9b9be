//! Both directions of a connection in readable lines: the format of libpq's `PQtrace`.

mod backend;
mod frontend;
mod line;
mod response;
mod stream;
#[cfg(test)]
mod testing;

use line::{Options, Printer};
use response::Response;
use stream::Stream;

/// Prints what a client and a server say to each other, one line a message, as `PQtrace` of libpq 18 does.
///
/// A line has the sender, `F` for the client (frontend) or `B` for the server (backend), the length word, the
/// message's name, and its fields if it has any. Tabs stand in between, here shown as spaces:
///
/// ```text
/// F  13  Query            "select 1"
/// B  33  RowDescription   1 "?column?" 0 0 23 4 -1 0
/// B  11  DataRow          1 1 '1'
/// B  13  CommandComplete  "SELECT 1"
/// B  5   ReadyForQuery    I
/// ```
///
/// Strings stand in `"`, other bytes in `'`, numbers alone. A null has the length -1 and nothing else.
///
/// # Feeding it
///
/// [`frontend`](Self::frontend) takes what the client sends and [`backend`](Self::backend) what the server sends, in
/// pieces of any size, and each in plain text: behind an answer that grants encryption, what was decrypted. A piece is
/// to be given when it was sent or received, so that no answer comes before its question: the messages alone do not
/// tell what answers what.
///
/// ```
/// use dblink_protocol::conversation::Conversation;
/// use dblink_protocol::trace::Tracer;
///
/// let mut conversation = Conversation::new();
/// let mut tracer = Tracer::for_session();
/// let mut trace = String::new();
///
/// conversation.query("select 1")?;
///
/// // Where bytes are sent: those that were.
/// let outgoing = conversation.outgoing();
/// let sent = outgoing.len();
/// tracer.frontend(None, &outgoing[..sent], &mut trace);
/// conversation.sent(sent);
///
/// // Where bytes are received: before `receive` takes them.
/// let received = b"I\0\0\0\x04Z\0\0\0\x05I";
/// tracer.backend(Some("2026-11-22 10:00:00.000001"), received, &mut trace);
///
/// assert_eq!(
///     trace,
///     "F\t13\tQuery\t \"select 1\"\n\
///      2026-11-22 10:00:00.000001\tB\t4\tEmptyQueryResponse\n\
///      2026-11-22 10:00:00.000001\tB\t5\tReadyForQuery\t I\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Secrets
///
/// Unless [told otherwise](Self::reveal_secrets), passwords, the data of SASL and GSSAPI exchanges, and the keys of
/// BackendKeyData and CancelRequest are printed as `***`, and a password's length word as `NN`.
///
/// A password in a statement's text or in a value, as in `ALTER ROLE … PASSWORD …`, cannot be told from any other text,
/// and **is printed**.
///
/// # Where it differs from libpq
///
/// With [`reveal_secrets`](Self::reveal_secrets) the lines are libpq's, byte for byte, but for these:
///
/// - In strings, control characters and bytes that are not UTF-8 are printed as `\xHH`, where libpq prints them as they
///   are. So a line is always one line, and nothing that a server sends can steer a terminal.
/// - There is no line "mismatched message length". libpq adds it where it does not print all of a message, behind every
///   AuthenticationMD5Password for example.
/// - A malformed message has a line with its name alone, and one that says what is wrong with it. If a length word is
///   one that no message can have, nobody knows where the next message begins: that is said, and the direction's
///   further bytes are ignored.
/// - libpq does not trace AuthenticationOk, nor an answer to a request for encryption that it does not understand, which
///   may be an ErrorResponse. Here all of them have their lines.
///
/// PostgreSQL manual: [PQtrace](https://www.postgresql.org/docs/current/libpq-control.html#LIBPQ-PQTRACE).
#[derive(Debug)]
pub struct Tracer {
    options: Options,
    expected: Expected,
    frontend: Stream,
    backend: Stream,
}

/// What comes next, as far as the bytes alone do not tell.
#[derive(Debug, Clone, Copy)]
struct Expected {
    /// The client opens the connection, with packets that have no type byte.
    opening: bool,
    /// The server answers a request for encryption with a byte that is no message. The name is libpq's.
    encryption_answer: Option<&'static str>,
    /// The client answers an authentication request.
    response: Option<Response>,
}

impl Tracer {
    /// Starts at a connection's first byte.
    #[must_use]
    pub fn new() -> Self {
        Self {
            options: Options::default(),
            expected: Expected {
                opening: true,
                encryption_answer: None,
                response: None,
            },
            frontend: Stream::default(),
            backend: Stream::default(),
        }
    }

    /// Starts behind the StartupMessage, where every message has a type byte; in particular with a
    /// [`Conversation`](crate::conversation::Conversation), whose session is already there.
    #[must_use]
    pub fn for_session() -> Self {
        let mut tracer = Self::new();
        tracer.expected.opening = false;
        tracer
    }

    /// Whether to leave out what differs from one run of a test to the next, as with libpq's `PQTRACE_REGRESS_MODE`:
    /// object identifiers and process IDs are printed as `NNNN`, the data of COPY and of authentication and the keys as
    /// `'BBBB'`, and of errors and notices the length as `NN` and the place in the server's source as `"SSSS"`.
    #[must_use]
    pub const fn regress(mut self, regress: bool) -> Self {
        self.options.regress = regress;
        self
    }

    /// Whether to print secrets as they are. What is in the trace then lets its readers log in as somebody else.
    #[must_use]
    pub const fn reveal_secrets(mut self, reveal: bool) -> Self {
        self.options.reveal_secrets = reveal;
        self
    }

    /// Appends a line to `out` for each message that `chunk`, the next bytes which the client sent, completes.
    ///
    /// Each line has the timestamp in front, if there is one; libpq has it in the form `2026-11-22 10:00:00.000001`, in
    /// local time. What is left of `chunk` is kept for the next call.
    pub fn frontend(&mut self, timestamp: Option<&str>, chunk: &[u8], out: &mut String) {
        let mut printer = Printer {
            out,
            timestamp,
            options: self.options,
        };
        let fed = self.frontend.feed(chunk, |bytes| {
            frontend::take(bytes, &mut self.expected, &mut printer)
        });
        if let Err(error) = fed {
            printer.remark(format_args!(
                "{error}; no more is traced of what the client sends"
            ));
        }
    }

    /// The same for the next bytes which the server sent.
    pub fn backend(&mut self, timestamp: Option<&str>, chunk: &[u8], out: &mut String) {
        let mut printer = Printer {
            out,
            timestamp,
            options: self.options,
        };
        let fed = self.backend.feed(chunk, |bytes| {
            backend::take(bytes, &mut self.expected, &mut printer)
        });
        if let Err(error) = fed {
            printer.remark(format_args!(
                "{error}; no more is traced of what the server sends"
            ));
        }
    }
}

/// As [`Tracer::new`].
impl Default for Tracer {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const SSL_REQUEST: &[u8] = b"\0\0\0\x08\x04\xd2\x16\x2f";
    const GSSENC_REQUEST: &[u8] = b"\0\0\0\x08\x04\xd2\x16\x30";
    const STARTUP: &[u8] = b"\0\0\0\x14\0\x03\0\x02user\0alice\0\0";

    /// Feeds pieces of a connection, each `F` or `B`, and gives the trace.
    fn trace(mut tracer: Tracer, pieces: &[(char, &[u8])]) -> String {
        let mut out = String::new();
        for &(sender, bytes) in pieces {
            match sender {
                'F' => tracer.frontend(None, bytes, &mut out),
                _ => tracer.backend(None, bytes, &mut out),
            }
        }
        out
    }

    #[test]
    fn a_connection_from_its_first_byte() {
        let pieces: &[(char, &[u8])] = &[
            ('F', GSSENC_REQUEST),
            ('B', b"N"),
            ('F', SSL_REQUEST),
            ('B', b"S"),
            ('F', STARTUP),
            ('B', b"R\0\0\0\x0b\0\0\0\x0aM\0\0"),
            ('F', b"p\0\0\0\x0dM\0\0\0\0\x03n,,"),
            ('B', b"R\0\0\0\x0a\0\0\0\x0br="),
            ('F', b"p\0\0\0\x06c="),
            ('B', b"R\0\0\0\x0a\0\0\0\x0cv=R\0\0\0\x08\0\0\0\0"),
            ('B', b"K\0\0\0\x0c\0\0\0\x4dkey!Z\0\0\0\x05I"),
            ('F', b"S\0\0\0\x04X\0\0\0\x04"),
        ];
        assert_eq!(
            trace(Tracer::new(), pieces),
            "F\t8\tGSSENCRequest\t 1234 5680\n\
             B\t1\tGSSENCResponse\t N\n\
             F\t8\tSSLRequest\t 1234 5679\n\
             B\t1\tSSLResponse\t S\n\
             F\t20\tStartupMessage\t 3 2 \"user\" \"alice\"\n\
             B\t11\tAuthenticationSASL\t \"M\" \"\"\n\
             F\t13\tSASLInitialResponse\t \"M\" 3 '***'\n\
             B\t10\tAuthenticationSASLContinue\t '***'\n\
             F\t6\tSASLResponse\t '***'\n\
             B\t10\tAuthenticationSASLFinal\t '***'\n\
             B\t8\tAuthenticationOk\n\
             B\t12\tBackendKeyData\t 77 '***'\n\
             B\t5\tReadyForQuery\t I\n\
             F\t4\tSync\n\
             F\t4\tTerminate\n"
        );
    }

    #[test]
    fn a_request_for_encryption_may_be_answered_with_an_error() {
        let error = &b"E\0\0\0\x0aMbad\0\0"[..];
        let line = "F\t8\tSSLRequest\t 1234 5679\nB\t10\tErrorResponse\t M \"bad\" \\x00\n";
        assert_eq!(trace(Tracer::new(), &[('F', SSL_REQUEST), ('B', error)]), line);
        let (start, end) = error.split_at(1);
        let pieces = [('F', SSL_REQUEST), ('B', start), ('B', end)];
        assert_eq!(trace(Tracer::new(), &pieces), line);
    }

    #[test]
    fn an_impossible_answer_to_a_request_for_encryption_is_shown() {
        assert_eq!(
            trace(Tracer::new(), &[('F', GSSENC_REQUEST), ('B', b"\x1b")]),
            "F\t8\tGSSENCRequest\t 1234 5680\nB\t1\tGSSENCResponse\t \\x1b\n"
        );
    }

    #[test]
    fn every_line_has_the_timestamp() {
        let mut tracer = Tracer::new();
        let mut out = String::new();
        tracer.frontend(Some("t1"), SSL_REQUEST, &mut out);
        tracer.backend(Some("t2"), b"N", &mut out);
        tracer.backend(Some("t3"), b"1\0\0\0\x042\0\0\0\x04", &mut out);
        assert_eq!(
            out,
            "t1\tF\t8\tSSLRequest\t 1234 5679\nt2\tB\t1\tSSLResponse\t N\nt3\tB\t4\tParseComplete\nt3\tB\t4\tBindComplete\n"
        );
    }

    #[test]
    fn a_direction_that_has_lost_its_place_is_given_up() {
        let pieces: &[(char, &[u8])] = &[
            ('B', b"HTTP/1.1 400 Bad Request\r\n"),
            ('B', b"Z\0\0\0\x05I"),
            ('F', b"S\0\0\0\x04Q\0\0\0\x03S\0\0\0\x04"),
            ('F', b"S\0\0\0\x04"),
        ];
        assert_eq!(
            trace(Tracer::for_session(), pieces),
            "malformed CopyOutResponse message: its length word is 1414811695, the limit is 1073741827; \
             no more is traced of what the server sends\n\
             F\t4\tSync\n\
             malformed Query message: its length word is 3, below 4; no more is traced of what the client sends\n"
        );
        assert_eq!(
            trace(Tracer::new(), &[('F', b"\x16\x03\x01\x02\0\x01"), ('F', STARTUP)]),
            "malformed initial message: its length word is 369295618, the limit is 10004; \
             no more is traced of what the client sends\n"
        );
    }

    #[test]
    fn debug_shows_no_secret() {
        let mut tracer = Tracer::for_session();
        tracer.frontend(None, b"p\0\0\0\x0atiger", &mut String::new());
        let debug = format!("{tracer:?}");
        assert!(debug.contains("10 bytes unfinished"), "{debug}");
        assert!(!debug.contains("116, 105, 103"), "{debug}");
    }

    proptest! {
        #[test]
        fn any_bytes_give_the_same_lines_however_they_are_cut(
            chunks in vec((any::<bool>(), vec(prop_oneof![Just(0), 0..9_u8, any::<u8>()], 0..40)), 0..6),
            session: bool,
        ) {
            let start = || if session { Tracer::for_session() } else { Tracer::new() };
            let mut whole = (start(), String::new());
            let mut bytewise = (start(), String::new());
            for (from_frontend, chunk) in &chunks {
                if *from_frontend {
                    whole.0.frontend(None, chunk, &mut whole.1);
                    chunk.chunks(1).for_each(|byte| bytewise.0.frontend(None, byte, &mut bytewise.1));
                } else {
                    whole.0.backend(None, chunk, &mut whole.1);
                    chunk.chunks(1).for_each(|byte| bytewise.0.backend(None, byte, &mut bytewise.1));
                }
            }
            prop_assert!(!whole.1.contains(|c: char| c.is_control() && c != '\n' && c != '\t'));
            prop_assert_eq!(whole.1, bytewise.1);
        }
    }
}
