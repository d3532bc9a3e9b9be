//! `dblink man`.

use std::io;

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use crate::failure::Failure;
use crate::listing;

/// Print the manual page
///
/// To read it: dblink man | man -l -
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// Runs it.
pub(crate) fn run(_args: &Args) -> Result<(), Failure> {
    let page = page().map_err(|error| Failure::output(&error))?;
    listing::write(&String::from_utf8_lossy(&page))
}

/// One page with all commands.
fn page() -> io::Result<Vec<u8>> {
    // What all of them have is said once.
    let mut command = crate::args::Args::command()
        .disable_help_subcommand(true)
        .mut_subcommands(|command| command.disable_help_flag(true));
    command.build();
    let mut page = Vec::new();
    let man = Man::new(command.clone());
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    section("COMMANDS").to_writer(&mut page)?;
    for subcommand in command.get_subcommands() {
        subsection(&mut page, subcommand)?;
    }
    notes("CONNECTIONS AND EXIT CODES", &command).to_writer(&mut page)?;
    man.render_version_section(&mut page)?;
    Ok(without_repetitions(&page))
}

/// The page without the definitions that each of its parts begins with, but for the first ones.
fn without_repetitions(page: &[u8]) -> Vec<u8> {
    let mut seen = 0;
    let mut lines = String::new();
    for line in String::from_utf8_lossy(page).lines() {
        let repeated = line.starts_with(".ie ") || line.starts_with(".el ");
        seen += usize::from(repeated);
        if !repeated || seen <= 2 {
            lines.push_str(line);
            lines.push('\n');
        }
    }
    lines.into_bytes()
}

/// A command, with its options below.
fn subsection(page: &mut Vec<u8>, command: &Command) -> io::Result<()> {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let mut heading = Roff::new();
    heading.control("SS", [name]);
    heading.to_writer(page)?;
    let man = Man::new(command.clone());
    let mut sections = Vec::new();
    man.render_synopsis_section(&mut sections)?;
    man.render_description_section(&mut sections)?;
    man.render_options_section(&mut sections)?;
    for line in String::from_utf8_lossy(&sections).lines() {
        // Their own headings would end the list of commands.
        page.extend_from_slice(if line.starts_with(".SH ") {
            b".PP"
        } else {
            line.as_bytes()
        });
        page.push(b'\n');
    }
    notes("", command).to_writer(page)
}

/// What stands below a help text.
fn notes(title: &str, command: &Command) -> Roff {
    let mut roff = if title.is_empty() {
        Roff::new()
    } else {
        section(title)
    };
    let text = command
        .get_after_long_help()
        .map(ToString::to_string)
        .unwrap_or_default();
    for paragraph in text.split("\n\n").filter(|paragraph| !paragraph.is_empty()) {
        roff.control("PP", []);
        roff.text([roman(paragraph)]);
    }
    roff
}

fn section(title: &str) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", [title]);
    roff
}
