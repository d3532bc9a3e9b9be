//! The program `dblink`: dblink's functions, and what goes beyond them, on the command line.

#![allow(
    clippy::result_large_err,
    clippy::large_enum_variant,
    reason = "a command fails once"
)]

mod args;
mod commands;
mod demo;
mod destination;
mod failure;
mod interrupt;
mod listing;
mod masking;
mod output;
mod password;
mod profile;
mod readable;
mod shell;
mod statements;
mod time_limit;
mod trace;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let args = match args::Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            let words = std::env::args_os().skip(1);
            let words: Vec<_> = words.map(|word| word.to_string_lossy().into_owned()).collect();
            return args::refuse(error, &words);
        }
    };
    // One thread: what blocks, such as a look-up of a host's name, has others, and rows are written where they are received.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let done = match runtime {
        Ok(runtime) => {
            let done = runtime.block_on(args.command.run());
            // A thread may still be waiting for a terminal's input.
            runtime.shutdown_background();
            done
        }
        Err(error) => Err(failure::Failure::io("start", &error)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.tell(),
    }
}
