//! The Authentication messages.

use crate::wire::{DecodeError, EncodeError, EncodeFault, Message, Reader, WireStr, Writer};

/// Asks for credentials, carries an authentication exchange on, or accepts the client: all that share the type byte `R`.
///
/// PostgreSQL manual: [AuthenticationOk](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-AUTHENTICATIONOK)
/// and the ones that follow it there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authentication<'a> {
    /// AuthenticationOk: the client is in. Code 0.
    Ok,
    /// AuthenticationKerberosV5, which no server since 9.3 sends. Code 2.
    KerberosV5,
    /// AuthenticationCleartextPassword: send the password as it is. Code 3.
    CleartextPassword,
    /// AuthenticationMD5Password: send the password hashed with MD5. Code 5.
    Md5Password {
        /// What to hash it with.
        salt: [u8; 4],
    },
    /// AuthenticationGSS: start a GSSAPI exchange. Code 7.
    Gss,
    /// AuthenticationGSSContinue: the server's next GSSAPI or SSPI token. Code 8.
    GssContinue(
        /// The token.
        &'a [u8],
    ),
    /// AuthenticationSSPI: start an SSPI exchange. Code 9.
    Sspi,
    /// AuthenticationSASL: start a SASL exchange. Code 10.
    Sasl {
        /// The names of the mechanisms that the server offers, its favourite first.
        mechanisms: Vec<WireStr<'a>>,
    },
    /// AuthenticationSASLContinue: the mechanism's next challenge. Code 11.
    SaslContinue(
        /// The challenge.
        &'a [u8],
    ),
    /// AuthenticationSASLFinal: the mechanism's last word, on success. Code 12.
    SaslFinal(
        /// The mechanism's data.
        &'a [u8],
    ),
    /// A request with a code that is none of these, kept so that it can be named when it is refused.
    Other {
        /// The code, printed without a sign as libpq does.
        code: u32,
        /// What follows the code.
        data: &'a [u8],
    },
}

impl Authentication<'_> {
    /// The message's name in PostgreSQL's manual.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Ok => "AuthenticationOk",
            Self::KerberosV5 => "AuthenticationKerberosV5",
            Self::CleartextPassword => "AuthenticationCleartextPassword",
            Self::Md5Password { .. } => "AuthenticationMD5Password",
            Self::Gss => "AuthenticationGSS",
            Self::GssContinue(_) => "AuthenticationGSSContinue",
            Self::Sspi => "AuthenticationSSPI",
            Self::Sasl { .. } => "AuthenticationSASL",
            Self::SaslContinue(_) => "AuthenticationSASLContinue",
            Self::SaslFinal(_) => "AuthenticationSASLFinal",
            Self::Other { .. } => "Authentication",
        }
    }

    /// The code on the wire.
    pub const fn code(&self) -> u32 {
        match self {
            Self::Ok => 0,
            Self::KerberosV5 => 2,
            Self::CleartextPassword => 3,
            Self::Md5Password { .. } => 5,
            Self::Gss => 7,
            Self::GssContinue(_) => 8,
            Self::Sspi => 9,
            Self::Sasl { .. } => 10,
            Self::SaslContinue(_) => 11,
            Self::SaslFinal(_) => 12,
            Self::Other { code, .. } => *code,
        }
    }
}

impl<'a> Message<'a> for Authentication<'a> {
    const NAME: &'static str = "Authentication";
    const TAG: Option<u8> = Some(b'R');

    fn encode_body(&self, body: &mut Writer<'_>) -> Result<(), EncodeError> {
        body.int32("code", self.code().cast_signed())?;
        match self {
            Self::Ok | Self::KerberosV5 | Self::CleartextPassword | Self::Gss | Self::Sspi => Ok(()),
            Self::Md5Password { salt } => body.bytes("salt", salt),
            Self::Sasl { mechanisms } => {
                for mechanism in mechanisms {
                    if mechanism.is_empty() {
                        // It would end the list.
                        return Err(body.error(EncodeFault::Empty { field: "mechanism" }));
                    }
                    body.string("mechanism", *mechanism)?;
                }
                body.byte("mechanism", 0)
            }
            Self::GssContinue(data) | Self::SaslContinue(data) | Self::SaslFinal(data) => {
                body.bytes("data", data)
            }
            Self::Other { code, data } => {
                if matches!(code, 0 | 2 | 3 | 5 | 7..=12) {
                    return Err(body.error(EncodeFault::BadValue {
                        field: "code",
                        value: (*code).into(),
                    }));
                }
                body.bytes("data", data)
            }
        }
    }

    fn decode_body(body: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(match body.int32("code")?.cast_unsigned() {
            0 => Self::Ok,
            2 => Self::KerberosV5,
            3 => Self::CleartextPassword,
            5 => Self::Md5Password {
                salt: body.array("salt")?,
            },
            7 => Self::Gss,
            8 => Self::GssContinue(body.rest("data")),
            9 => Self::Sspi,
            10 => {
                let mut mechanisms = Vec::new();
                loop {
                    let mechanism = body.string("mechanism")?;
                    if mechanism.is_empty() {
                        break Self::Sasl { mechanisms };
                    }
                    mechanisms.push(mechanism);
                }
            }
            11 => Self::SaslContinue(body.rest("data")),
            12 => Self::SaslFinal(body.rest("data")),
            code => Self::Other {
                code,
                data: body.rest("data"),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::wire::testing::{assert_bytes, assert_round_trip, assert_strict};

    #[test]
    fn bytes() {
        assert_bytes(&Authentication::Ok, b"R\0\0\0\x08\0\0\0\0");
        assert_bytes(&Authentication::KerberosV5, b"R\0\0\0\x08\0\0\0\x02");
        assert_bytes(&Authentication::CleartextPassword, b"R\0\0\0\x08\0\0\0\x03");
        let md5 = Authentication::Md5Password { salt: *b"salt" };
        assert_bytes(&md5, b"R\0\0\0\x0c\0\0\0\x05salt");
        assert_bytes(&Authentication::Gss, b"R\0\0\0\x08\0\0\0\x07");
        assert_bytes(&Authentication::GssContinue(b"tok"), b"R\0\0\0\x0b\0\0\0\x08tok");
        assert_bytes(&Authentication::Sspi, b"R\0\0\0\x08\0\0\0\x09");
        let sasl = Authentication::Sasl {
            mechanisms: vec!["A".into(), "BC".into()],
        };
        assert_bytes(&sasl, b"R\0\0\0\x0e\0\0\0\x0aA\0BC\0\0");
        assert_bytes(&Authentication::SaslContinue(b"r="), b"R\0\0\0\x0a\0\0\0\x0br=");
        assert_bytes(&Authentication::SaslFinal(b"v="), b"R\0\0\0\x0a\0\0\0\x0cv=");
        let other = Authentication::Other {
            code: u32::MAX,
            data: b"x",
        };
        assert_bytes(&other, b"R\0\0\0\x09\xff\xff\xff\xffx");
    }

    #[test]
    fn every_fixed_form_is_strict() {
        assert_strict::<Authentication<'_>>(b"R\0\0\0\x08\0\0\0\0", b"R\0\0\0\x09\0\0\0\0\0");
        assert_strict::<Authentication<'_>>(b"R\0\0\0\x08\0\0\0\x03", b"R\0\0\0\x09\0\0\0\x03\0");
        assert_strict::<Authentication<'_>>(b"R\0\0\0\x0c\0\0\0\x05salt", b"R\0\0\0\x0d\0\0\0\x05salt\0");
        assert_strict::<Authentication<'_>>(b"R\0\0\0\x0b\0\0\0\x0aA\0\0", b"R\0\0\0\x0c\0\0\0\x0aA\0\0\0");
    }

    #[test]
    fn what_would_decode_as_something_else_is_not_sent() {
        let empty_name = Authentication::Sasl {
            mechanisms: vec!["".into()],
        };
        assert_eq!(
            empty_name.encode(&mut Vec::new()).unwrap_err().fault,
            EncodeFault::Empty { field: "mechanism" }
        );
        let known = Authentication::Other { code: 3, data: b"" };
        assert_eq!(
            known.encode(&mut Vec::new()).unwrap_err().fault,
            EncodeFault::BadValue {
                field: "code",
                value: 3
            }
        );
    }

    proptest! {
        #[test]
        fn round_trip(mechanisms in vec("[^\0]+", 0..5), data in vec(any::<u8>(), 0..20), code in 13_u32..) {
            let mechanisms = mechanisms.iter().map(Into::into).collect();
            assert_round_trip(&Authentication::Sasl { mechanisms }, &mut Vec::new());
            assert_round_trip(&Authentication::GssContinue(&data), &mut Vec::new());
            assert_round_trip(&Authentication::SaslContinue(&data), &mut Vec::new());
            assert_round_trip(&Authentication::SaslFinal(&data), &mut Vec::new());
            assert_round_trip(&Authentication::Other { code, data: &data }, &mut Vec::new());
        }
    }
}
