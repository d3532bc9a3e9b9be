//! See [`dblink_fuzz::frontend_messages`].
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| dblink_fuzz::frontend_messages::check(data));
