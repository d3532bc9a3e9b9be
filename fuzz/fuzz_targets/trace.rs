//! See [`dblink_fuzz::trace`].
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| dblink_fuzz::trace::check(data));
