//! See [`dblink_fuzz::handshake`].
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| dblink_fuzz::handshake::check(data));
