//! What Describe and Close speak of.

use crate::wire::{DecodeError, EncodeError, Reader, WireStr, Writer};

/// A prepared statement or a portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target<'a> {
    /// The prepared statement with this name; the empty name is the unnamed statement. `S` on the wire.
    Statement(WireStr<'a>),
    /// The portal with this name; the empty name is the unnamed portal. `P` on the wire.
    Portal(WireStr<'a>),
}

impl<'a> Target<'a> {
    pub(super) fn write(self, body: &mut Writer<'_>) -> Result<(), EncodeError> {
        let (kind, name) = match self {
            Self::Statement(name) => (b'S', name),
            Self::Portal(name) => (b'P', name),
        };
        body.byte("kind", kind)?;
        body.string("name", name)
    }

    pub(super) fn read(body: &mut Reader<'a>) -> Result<Self, DecodeError> {
        match body.byte("kind")? {
            b'S' => body.string("name").map(Self::Statement),
            b'P' => body.string("name").map(Self::Portal),
            kind => Err(body.bad_value("kind", kind)),
        }
    }
}
