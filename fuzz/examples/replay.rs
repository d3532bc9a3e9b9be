//! Runs inputs of one target and tells what happens: `cargo run --example replay TARGET FILE...`.

use std::env;
use std::fs;
use std::process::ExitCode;

use dblink_fuzz::{seeds, talk};

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let Some(check) = arguments.next().and_then(|target| seeds::check_of(&target)) else {
        eprintln!("usage: replay TARGET FILE...");
        return ExitCode::FAILURE;
    };
    talk::be_loud();
    for file in arguments {
        eprintln!("-- {file}");
        match fs::read(&file) {
            Ok(data) => check(&data),
            Err(error) => {
                eprintln!("{file}: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
