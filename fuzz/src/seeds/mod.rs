//! The seeds: inputs from which the fuzzer starts, made of real messages. `cargo run --example seeds` writes them.

mod messages;
mod secrets;
mod sessions;
#[cfg(test)]
mod tests;

use dblink_protocol::wire::Message;

/// An input to start from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seed {
    /// The target's name.
    pub target: &'static str,
    /// The file's name.
    pub name: String,
    /// The input.
    pub data: Vec<u8>,
}

/// All seeds of all targets.
pub fn all() -> Vec<Seed> {
    let mut seeds = Seeds(Vec::new());
    messages::add(&mut seeds);
    secrets::add(&mut seeds);
    sessions::add(&mut seeds);
    seeds.0
}

/// The check of the target called `target`.
pub fn check_of(target: &str) -> Option<fn(&[u8])> {
    Some(match target {
        "backend_messages" => crate::backend_messages::check,
        "conversation" => crate::conversation::check,
        "diagnostics" => crate::diagnostics::check,
        "frontend_messages" => crate::frontend_messages::check,
        "handshake" => crate::handshake::check,
        "initial_messages" => crate::initial_messages::check,
        "rows" => crate::rows::check,
        "saslprep" => crate::saslprep::check,
        "server_model" => crate::server_model::check,
        "scram" => crate::scram::check,
        "trace" => crate::trace::check,
        _ => return None,
    })
}

struct Seeds(Vec<Seed>);

impl Seeds {
    fn add(&mut self, target: &'static str, name: impl Into<String>, data: impl Into<Vec<u8>>) {
        self.0.push(Seed {
            target,
            name: name.into(),
            data: data.into(),
        });
    }
}

/// The body of what `message` encodes to.
fn body<'a, M: Message<'a>>(message: &M) -> Vec<u8> {
    let mut bytes = encoded(message);
    bytes.split_off(usize::from(M::TAG.is_some()) + 4)
}

/// What `message` encodes to.
fn encoded<'a, M: Message<'a>>(message: &M) -> Vec<u8> {
    let mut bytes = Vec::new();
    message.encode(&mut bytes).expect("a seed's messages can be sent");
    bytes
}
