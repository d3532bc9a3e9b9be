//! See [`dblink_fuzz::scram`].
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| dblink_fuzz::scram::check(data));
