//! See [`dblink_fuzz::saslprep`].
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| dblink_fuzz::saslprep::check(data));
