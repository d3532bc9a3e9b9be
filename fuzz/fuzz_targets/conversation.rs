//! See [`dblink_fuzz::conversation`].
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| dblink_fuzz::conversation::check(data));
