//! See [`dblink_fuzz::diagnostics`].
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| dblink_fuzz::diagnostics::check(data));
