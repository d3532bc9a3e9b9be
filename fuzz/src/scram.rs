//! The input chooses a password, a channel binding, and what a server says, most of it made from the client's nonce and
//! nearly right. The client accepts a server exactly if it signs as an independent computation does, and proves itself as
//! that computation demands; it does no more work than it was told to.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use dblink_protocol::Secret;
use dblink_protocol::auth::scram::{ScramBinding, ScramClient, ScramError};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::input::Input;

/// The largest number of iterations that the client does.
const LIMIT: u32 = 64;

/// Checks one input.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    // Preparing what is not ASCII is another target's business.
    let password: Vec<u8> = input.bytes().iter().map(|byte| byte & 0x7f).collect();
    let nonce = input.array();
    let binding = match input.below(3) {
        0 => ScramBinding::Unsupported,
        1 => ScramBinding::NotOffered,
        _ => ScramBinding::TlsServerEndPoint(input.bytes().to_vec()),
    };
    let channel = match &binding {
        ScramBinding::Unsupported => b"n,,".to_vec(),
        ScramBinding::NotOffered => b"y,,".to_vec(),
        ScramBinding::TlsServerEndPoint(hash) => [b"p=tls-server-end-point,,", &hash[..]].concat(),
    };
    let client = ScramClient::new(binding, nonce);
    let client_nonce = BASE64_STANDARD.encode(nonce);
    let first = client.client_first();
    let bare = format!("n=,r={client_nonce}");
    assert!(channel.starts_with(first.strip_suffix(&bare).expect("the nonce is ours").as_bytes()));

    let server_first = server_first(&mut input, &client_nonce);
    let challenge = match client.challenge(&server_first) {
        Ok(challenge) => challenge,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let Challenge {
        text,
        nonce,
        salt,
        iterations,
    } = parse(&server_first).expect("the client took it");
    assert!(nonce.starts_with(&client_nonce) && nonce.len() > client_nonce.len());
    let derivation = match challenge.derivation(Secret::from(&*password), LIMIT) {
        Ok(derivation) => derivation,
        Err(error) => {
            assert!(iterations > u64::from(LIMIT));
            assert_eq!(
                error,
                ScramError::TooManyIterations {
                    iterations,
                    limit: LIMIT
                }
            );
            return;
        }
    };
    assert_eq!(u64::from(derivation.iterations()), iterations);
    assert!(derivation.iterations() <= LIMIT && derivation.salt() == salt);
    let salted = pbkdf2(&password, &salt, iterations);
    let (client_final, verification) = challenge.respond(&derivation.run());

    let without_proof = format!("c={},r={nonce}", BASE64_STANDARD.encode(channel));
    let auth_message = format!("{bare},{text},{without_proof}");
    let client_key = hmac(&salted, b"Client Key");
    let mut proof = hmac(&Sha256::digest(client_key), auth_message.as_bytes());
    proof
        .iter_mut()
        .zip(client_key)
        .for_each(|(byte, key)| *byte ^= key);
    let expected = format!("{without_proof},p={}", BASE64_STANDARD.encode(proof));
    assert_eq!(*client_final, expected);

    let signature = hmac(&hmac(&salted, b"Server Key"), auth_message.as_bytes());
    let right = format!("v={}", BASE64_STANDARD.encode(signature)).into_bytes();
    let server_final = server_final(&mut input, &right);
    assert_eq!(verification.verify(&server_final).is_ok(), server_final == right);
}

/// The server's challenge: any bytes, or the attributes with one or the other of them wrong.
fn server_first(input: &mut Input<'_>, client_nonce: &str) -> Vec<u8> {
    let kind = input.byte();
    if kind & 1 == 1 {
        return input.bytes().to_vec();
    }
    let mut message = b"r=".to_vec();
    if kind & 2 == 0 {
        message.extend_from_slice(client_nonce.as_bytes());
    }
    message.extend_from_slice(input.bytes());
    message.extend_from_slice(b",s=");
    if kind & 4 == 0 {
        message.extend(BASE64_STANDARD.encode(input.bytes()).bytes());
    } else {
        message.extend_from_slice(input.bytes());
    }
    message.extend_from_slice(b",i=");
    if kind & 8 == 0 {
        message.extend(input.byte().to_string().bytes());
    } else {
        message.extend_from_slice(input.bytes());
    }
    if kind & 16 != 0 {
        message.extend_from_slice(input.bytes());
    }
    message
}

/// The server's last word: any bytes, or the right signature with nothing, a byte or the end changed.
fn server_final(input: &mut Input<'_>, right: &[u8]) -> Vec<u8> {
    let mut message = right.to_vec();
    match input.below(4) {
        0 => {}
        1 => {
            let at = usize::from(input.byte()) % message.len();
            message[at] ^= input.byte();
        }
        2 => {
            message.truncate(input.byte().into());
            message.extend_from_slice(input.bytes());
        }
        _ => return input.rest().to_vec(),
    }
    message
}

struct Challenge<'a> {
    text: &'a str,
    nonce: &'a str,
    salt: Vec<u8>,
    iterations: u64,
}

/// Reads a challenge that the client took, with no care for what it should have refused.
fn parse(message: &[u8]) -> Option<Challenge<'_>> {
    let text = str::from_utf8(message).ok()?;
    let mut attributes = text.split(',');
    let challenge = Challenge {
        text,
        nonce: attributes.next()?.strip_prefix("r=")?,
        salt: BASE64_STANDARD
            .decode(attributes.next()?.strip_prefix("s=")?)
            .ok()?,
        iterations: attributes.next()?.strip_prefix("i=")?.parse().ok()?,
    };
    attributes.next().is_none().then_some(challenge)
}

pub(crate) fn hmac(key: &[u8], data: &[u8]) -> [u8; 32] {
    let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes every key");
    mac.chain_update(data).finalize().into_bytes().into()
}

pub(crate) fn pbkdf2(password: &[u8], salt: &[u8], iterations: u64) -> [u8; 32] {
    let mut block = hmac(password, &[salt, &[0, 0, 0, 1]].concat());
    let mut sum = block;
    for _ in 1..iterations {
        block = hmac(password, &block);
        sum.iter_mut().zip(block).for_each(|(sum, byte)| *sum ^= byte);
    }
    sum
}
