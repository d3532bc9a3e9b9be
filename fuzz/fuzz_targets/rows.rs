//! See [`dblink_fuzz::rows`].
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| dblink_fuzz::rows::check(data));
