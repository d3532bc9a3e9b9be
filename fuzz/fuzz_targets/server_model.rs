//! See [`dblink_fuzz::server_model`].
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| dblink_fuzz::server_model::check(data));
