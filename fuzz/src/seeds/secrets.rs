//! Seeds for the targets about passwords.

use super::Seeds;
use crate::input::put_bytes;

pub(super) fn add(seeds: &mut Seeds) {
    add_saslprep(seeds);
    add_scram(seeds);
}

/// A password for each way that one may go.
fn add_saslprep(seeds: &mut Seeds) {
    for (name, password) in [
        ("ascii", &b"a\0\x7f b"[..]),
        ("not-utf8", b"\xc2\xa0\xff"),
        ("compatibility", "\u{2168}\u{aa}\u{ff21}".as_bytes()),
        ("dropped", "I\u{ad}X".as_bytes()),
        ("only-dropped", "\u{ad}\u{ad}".as_bytes()),
        ("spaces", "a\u{200b}b\u{3000}c".as_bytes()),
        ("prohibited", "x\u{340}y".as_bytes()),
        ("unassigned", "\u{ff21}\u{221}".as_bytes()),
        ("right-to-left", "\u{5d0}\u{2100}\u{5d0}".as_bytes()),
        ("mixed-directions", "\u{5d0}\u{ff21}\u{5d0}".as_bytes()),
        ("growth", "\u{fdfa}".as_bytes()),
        ("marks", "a\u{301}\u{323}\u{1100}\u{1161}".as_bytes()),
    ] {
        seeds.add("saslprep", name, password);
    }
}

fn add_scram(seeds: &mut Seeds) {
    let start = |binding: u8| {
        let mut data = Vec::new();
        put_bytes(&mut data, b"tiger");
        data.extend(b"18 random bytes...");
        data.push(binding);
        if binding == 2 {
            put_bytes(&mut data, &[7; 32]);
        }
        data
    };
    let challenged = |binding: u8, iterations: u8| {
        let mut data = start(binding);
        data.push(0);
        put_bytes(&mut data, b"of-the-server");
        put_bytes(&mut data, b"salt");
        data.push(iterations);
        data
    };
    for (name, binding) in [("unsupported", 0), ("not-offered", 1), ("bound", 2)] {
        seeds.add("scram", name, [&challenged(binding, 5)[..], &[0]].concat());
    }
    seeds.add("scram", "too-many-iterations", challenged(0, 200));
    seeds.add(
        "scram",
        "wrong-signature",
        [&challenged(0, 5)[..], &[1, 9, 1]].concat(),
    );
    seeds.add(
        "scram",
        "longer-signature",
        [&challenged(0, 5)[..], &[2, 46, 2, b',', b'x']].concat(),
    );
    seeds.add(
        "scram",
        "refused",
        [&challenged(0, 5)[..], &[3], b"e=invalid-proof"].concat(),
    );
    let mut others_nonce = start(0);
    others_nonce.push(2);
    put_bytes(&mut others_nonce, b"another-nonce");
    put_bytes(&mut others_nonce, b"salt");
    others_nonce.push(5);
    seeds.add("scram", "other-nonce", others_nonce);
    let mut raw = start(0);
    raw.push(1);
    put_bytes(&mut raw, b"r=abc,s=c2FsdA==,i=4096");
    seeds.add("scram", "raw", raw);
}
