//! What a handshake is told to do.

use dblink_protocol::auth::scram::{KeyDerivation, ScramKey};
use dblink_protocol::auth::{AuthConfig, ChannelBinding, Transport};
use dblink_protocol::handshake::{Encryption, HandshakeConfig};
use dblink_protocol::{ProtocolVersion, Secret};

use super::parts::{END_POINT, ITERATIONS, NONCE, PASSWORD, SALT};
use crate::input::Input;

pub(super) const TOKEN: &str = "a-token-to-find-again";

/// What a requirement allows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Requirement {
    pub(super) text: &'static str,
    pub(super) password: bool,
    pub(super) md5: bool,
    pub(super) scram: bool,
    pub(super) oauth: bool,
    /// Whether the server may ask for nothing.
    pub(super) nothing: bool,
}

const fn requirement(text: &'static str, allows: [bool; 5]) -> Requirement {
    let [password, md5, scram, oauth, nothing] = allows;
    Requirement {
        text,
        password,
        md5,
        scram,
        oauth,
        nothing,
    }
}

const REQUIREMENTS: [Requirement; 8] = [
    requirement("", [true; 5]),
    requirement("password", [true, false, false, false, false]),
    requirement("md5", [false, true, false, false, false]),
    requirement("scram-sha-256", [false, false, true, false, false]),
    requirement("none,oauth", [false, false, false, true, true]),
    requirement("none", [false, false, false, false, true]),
    requirement("!password,!md5", [false, false, true, true, true]),
    requirement("!none", [true, true, true, true, false]),
];

/// What is tried, but for what the server says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setup {
    pub(super) encryption: Encryption,
    /// The answer to a request for it.
    pub(super) answer: u8,
    pub(super) transport_binds: bool,
    pub(super) channel_binding: ChannelBinding,
    pub(super) requirement: Requirement,
    pub(super) credentials: u8,
    pub(super) versions: u8,
}

impl Setup {
    pub(super) fn read(input: &mut Input<'_>) -> Self {
        Self {
            encryption: match input.below(6) {
                0 => Encryption::None,
                1 => Encryption::Ssl { required: false },
                2 => Encryption::Ssl { required: true },
                3 => Encryption::DirectSsl,
                4 => Encryption::Gss { required: false },
                _ => Encryption::Gss { required: true },
            },
            answer: match input.byte() {
                0 => b'S',
                1 => b'N',
                2 => b'G',
                3 => b'E',
                other => other,
            },
            transport_binds: input.flag(),
            channel_binding: match input.below(3) {
                0 => ChannelBinding::Prefer,
                1 => ChannelBinding::Disable,
                _ => ChannelBinding::Require,
            },
            requirement: REQUIREMENTS[usize::from(input.below(8))],
            credentials: input.byte(),
            versions: input.byte(),
        }
    }

    pub(super) fn config(&self) -> HandshakeConfig {
        let mut auth = AuthConfig::new("alice", NONCE);
        auth.channel_binding = self.channel_binding;
        auth.require_auth = self.requirement.text.parse().expect("a requirement");
        auth.max_scram_iterations = 64;
        if self.encryption == Encryption::None {
            // Where a token may be sent.
            auth.transport = Transport::Unix;
        }
        let given = &mut auth.credentials;
        given.password = (self.credentials & 1 == 0).then(|| Secret::from(PASSWORD));
        given.bearer_token = (self.credentials & 2 == 0).then(|| Secret::from(TOKEN));
        if self.credentials & 12 != 0 {
            let keys = KeyDerivation::new(PASSWORD.into(), SALT.to_vec(), ITERATIONS).run();
            given.scram_client_key = (self.credentials & 4 != 0).then(|| ScramKey::clone(&keys.client_key));
            given.scram_server_key = (self.credentials & 8 != 0).then_some(keys.server_key);
        }
        let mut config = HandshakeConfig::new(auth);
        config.encryption = self.encryption;
        config.parameters.push(("database".into(), "shop".into()));
        if self.versions & 1 == 1 {
            config.max_version = ProtocolVersion::V3_2;
        }
        if self.versions & 3 == 3 {
            config.min_version = ProtocolVersion::V3_2;
        }
        config
    }

    pub(super) fn transport(&self) -> Transport {
        match self.encryption {
            Encryption::Gss { .. } => Transport::Plain,
            _ => Transport::Tls {
                server_end_point: self.transport_binds.then(|| END_POINT.to_vec()),
            },
        }
    }
}
