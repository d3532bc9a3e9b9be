//! Runs the Rust of README and `docs/`, each block in a process of its own, where north and south are services.

// It reports by panicking; and the documents print.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr
)]

use std::env;
use std::process::{Command, ExitCode};

use dblink_tests::Examples;
use dblink_throwaway::without_pg_environment;

/// The variable that says which block this process is to run.
const BLOCK: &str = "DBLINK_GUIDE_BLOCK";

/// A block of Rust.
struct Block {
    /// File and line.
    place: &'static str,
    /// What it prints, where the document says it.
    output: Option<&'static str>,
    run: fn() -> Result<(), Box<dyn std::error::Error>>,
}

/// As the documents have them.
#[allow(
    clippy::all,
    clippy::indexing_slicing,
    dead_code,
    unused_imports,
    unused_mut,
    unused_variables,
    unreachable_pub,
    missing_docs,
    reason = "they are there to be read"
)]
mod documents {
    use super::Block;

    include!(concat!(env!("OUT_DIR"), "/blocks.rs"));
}

use documents::BLOCKS;

fn main() -> ExitCode {
    if let Ok(number) = env::var(BLOCK) {
        let number: usize = number.parse().unwrap();
        return match (BLOCKS.get(number).unwrap().run)() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        };
    }
    assert!(!BLOCKS.is_empty(), "there is no Rust in the documents");
    let examples = Examples::start();
    let mut wrong = 0;
    for (number, block) in BLOCKS.iter().enumerate() {
        examples.renew();
        let mut command = Command::new(env::current_exe().unwrap());
        let output = without_pg_environment(&mut command)
            .env(BLOCK, number.to_string())
            .env("PGSERVICEFILE", examples.service_file())
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let right = output.status.success() && block.output.is_none_or(|output| output == said);
        if !right {
            wrong += 1;
            eprintln!(
                "{}: {}\n{}{said}",
                block.place,
                output.status,
                String::from_utf8_lossy(&output.stderr)
            );
            if let Some(output) = block.output {
                eprintln!("it should print\n{output}");
            }
        }
    }
    println!(
        "{} blocks of Rust in README and docs, {wrong} wrong",
        BLOCKS.len()
    );
    ExitCode::from(u8::from(wrong > 0))
}
