//! HMAC-SHA-256 and PBKDF2, as SCRAM uses them.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// What SHA-256 works on at a time.
const BLOCK_BYTES: usize = 64;

/// The output of SHA-256 and HMAC-SHA-256, wiped when dropped.
pub(super) type Hash = Zeroizing<[u8; 32]>;

pub(super) fn sha256(data: &[u8]) -> Hash {
    Zeroizing::new(Sha256::digest(data).into())
}

pub(super) fn hmac_sha256(key: &[u8], data: &[u8]) -> Hash {
    finish(keyed(key).chain_update(data))
}

/// PBKDF2 with HMAC-SHA-256 and one block of output, which RFC 5802 calls `Hi`.
///
/// The key is hashed once: every iteration starts from a copy of the keyed state.
pub(super) fn pbkdf2(password: &[u8], salt: &[u8], iterations: u32) -> Hash {
    let keyed = keyed(password);
    let mut block = finish(keyed.clone().chain_update(salt).chain_update(1_u32.to_be_bytes()));
    let mut sum = block.clone();
    for _ in 1..iterations {
        block = finish(keyed.clone().chain_update(*block));
        for (sum, byte) in sum.iter_mut().zip(block.iter()) {
            *sum ^= byte;
        }
    }
    sum
}

/// HMAC with its key in place. A key longer than a block is hashed first, and a shorter one padded with zeros: RFC 2104
/// says so, and a key of one block's length is one that [`KeyInit::new`] cannot refuse.
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    let hashed;
    let key = if key.len() > BLOCK_BYTES {
        hashed = sha256(key);
        hashed.as_slice()
    } else {
        key
    };
    let mut block = Zeroizing::new([0; BLOCK_BYTES]);
    for (slot, byte) in block.iter_mut().zip(key) {
        *slot = *byte;
    }
    Hmac::new((&*block).into())
}

fn finish(mac: Hmac<Sha256>) -> Hash {
    Zeroizing::new(mac.finalize().into_bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// RFC 4231, test cases 1, 2 and 6: a key below, and one above the block's length.
    #[test]
    fn hmac_vectors() {
        assert_eq!(
            hex(&*hmac_sha256(&[0x0b; 20], b"Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        );
        assert_eq!(
            hex(&*hmac_sha256(b"Jefe", b"what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            hex(&*hmac_sha256(
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First"
            )),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }

    /// RFC 7914, section 11, and the vector known from PBKDF2 implementations for two iterations.
    #[test]
    fn pbkdf2_vectors() {
        assert_eq!(
            hex(&*pbkdf2(b"passwd", b"salt", 1)),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
        );
        assert_eq!(
            hex(&*pbkdf2(b"password", b"salt", 2)),
            "ae4d0c95af6b46d32d0adff928f06dd02a303f8ef3c251dfd6e2d85a95474c43"
        );
    }

    #[test]
    fn a_key_of_one_block_is_not_hashed() {
        for length in [63, 64, 65] {
            let key = vec![b'k'; length];
            let mut reference: Hmac<Sha256> = Hmac::new_from_slice(&key).unwrap();
            reference.update(b"data");
            assert_eq!(*hmac_sha256(&key, b"data"), *finish(reference), "{length}");
        }
    }
}
