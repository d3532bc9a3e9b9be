//! What can go wrong in a SCRAM exchange.

/// A SCRAM exchange that failed, in libpq's words where it has them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScramError {
    /// The server's message does not follow the grammar.
    #[error("malformed SCRAM message ({0})")]
    Malformed(
        /// What is wrong with it.
        &'static str,
    ),
    /// The server's message lacks an attribute, or has another one in its place.
    #[error("malformed SCRAM message (attribute \"{name}\" expected)")]
    AttributeExpected {
        /// The attribute's name.
        name: char,
    },
    /// An attribute of the server's message has no value.
    #[error("malformed SCRAM message (expected character \"=\" for attribute \"{name}\")")]
    EqualsExpected {
        /// The attribute's name.
        name: char,
    },
    /// The server's nonce does not go on from the client's.
    #[error("invalid SCRAM response (nonce mismatch)")]
    NonceMismatch,
    /// The server asks for more work than the client will do.
    #[error("server asked for {iterations} SCRAM iterations, the limit is {limit}")]
    TooManyIterations {
        /// What the server asked for.
        iterations: u64,
        /// What the client will do at most.
        limit: u32,
    },
    /// The server told why it refuses the client.
    #[error("error received from server in SCRAM exchange: {0}")]
    Server(
        /// The server's word for it, such as `invalid-proof`.
        String,
    ),
    /// The server could not prove that it knows the password.
    #[error("incorrect server signature")]
    IncorrectServerSignature,
}
