//! Which version of the protocol is spoken.

use super::{Handshake, HandshakeError, VersionError};
use crate::ProtocolVersion;
use crate::backend::NegotiateProtocolVersion;
use crate::wire::Message;

/// What the names of protocol options begin with.
const OPTION_PREFIX: &[u8] = b"_pq_.";

impl Handshake {
    pub(super) fn negotiate(&mut self, body: &[u8]) -> Result<(), HandshakeError> {
        if self.negotiated {
            return Err(VersionError::Duplicate.into());
        }
        self.negotiated = true;
        let offer = NegotiateProtocolVersion::decode(body)?;
        let version = offer.newest_version;
        if version > self.config.max_version {
            return Err(VersionError::Higher.into());
        }
        if version < ProtocolVersion::V3_0 {
            return Err(VersionError::TooOld.into());
        }
        if version == (ProtocolVersion { major: 3, minor: 1 }) {
            return Err(VersionError::NonExistent.into());
        }
        if version == self.config.max_version && offer.unrecognized_options.is_empty() {
            return Err(VersionError::NoChange.into());
        }
        for name in &offer.unrecognized_options {
            if !name.as_bytes().starts_with(OPTION_PREFIX) {
                return Err(VersionError::NoPrefix((*name).into()).into());
            }
            if !self
                .config
                .parameters
                .iter()
                .any(|(requested, _)| *name == **requested)
            {
                return Err(VersionError::NotRequested((*name).into()).into());
            }
        }
        if version < self.config.min_version {
            return Err(VersionError::BelowMinimum {
                offered: version,
                minimum: self.config.min_version,
            }
            .into());
        }
        self.version = version;
        Ok(())
    }
}
