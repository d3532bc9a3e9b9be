//! One list of messages for each direction.

/// Makes an enum over messages, and the function `name`, from one list of the messages' types.
///
/// Two messages with the same type byte do not compile: the second pattern would be unreachable.
macro_rules! message_enum {
    (
        $(#[$attribute:meta])*
        pub enum $name:ident<$a:lifetime> {
            $($message:ident $(<$b:lifetime>)?,)+
        }
    ) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $name<$a> {
            $(
                #[doc = concat!("The message [`type@", stringify!($message), "`].")]
                $message($message $(<$b>)?),
            )+
        }

        impl<$a> $name<$a> {
            /// The message with this type byte and this body, the whole of which it must use.
            ///
            /// # Errors
            ///
            /// [`DecodeFault::UnknownType`](crate::wire::DecodeFault::UnknownType) if no message of this enum has the
            /// type byte, else as the message's own `decode`.
            pub fn decode(tag: u8, body: &$a [u8]) -> Result<Self, $crate::wire::DecodeError> {
                use $crate::wire::Message;

                match Some(tag) {
                    $(<$message as Message>::TAG => $message::decode(body).map(Self::$message),)+
                    _ => Err($crate::wire::DecodeError::unknown_type(tag)),
                }
            }

            /// Appends the whole message to `out`.
            ///
            /// # Errors
            ///
            /// A value that cannot be sent; `out` is then unchanged.
            pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), $crate::wire::EncodeError> {
                use $crate::wire::Message;

                match self {
                    $(Self::$message(message) => message.encode(out),)+
                }
            }

            /// The message's name in PostgreSQL's manual.
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$message(_) => <$message as $crate::wire::Message>::NAME,)+
                }
            }
        }

        #[doc = concat!("The name in PostgreSQL's manual of the [`", stringify!($name), "`] with this type byte.")]
        pub const fn name(tag: u8) -> Option<&'static str> {
            match Some(tag) {
                $(<$message as $crate::wire::Message>::TAG => {
                    Some(<$message as $crate::wire::Message>::NAME)
                })+
                _ => None,
            }
        }
    };
}

pub(crate) use message_enum;
