//! `dblink man`.

use std::io::{self, Write as _};

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::failure::Failure;
use crate::listing;

/// Print the manual page
///
/// To read it: dblink man | man -l -. To install it: dblink man > ~/.local/share/man/man1/dblink.1
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// Runs it.
pub(crate) fn run(_args: &Args) -> Result<(), Failure> {
    let page = page().map_err(|error| Failure::output(&error))?;
    listing::write(&page)
}

/// What no definition of the command line says.
const BEHIND: &str = include_str!("man.roff");

/// One page with all commands.
fn page() -> io::Result<String> {
    // What all of them have is said once.
    let mut command = crate::args::Args::command()
        .disable_help_subcommand(true)
        .mut_subcommands(|command| command.disable_help_flag(true));
    command.build();
    let mut page = Vec::new();
    let man = Man::new(command.clone());
    // An empty date has to be written, or the version would be taken for it.
    let version = command.get_version().unwrap_or_default();
    writeln!(page, ".TH DBLINK 1 \"\" \"dblink {version}\" \"User commands\"")?;
    man.render_name_section(&mut page)?;
    section("SYNOPSIS").to_writer(&mut page)?;
    synopsis(&mut page, "dblink COMMAND [ARGUMENT]...")?;
    synopsis(&mut page, "dblink COMMAND --help")?;
    synopsis(&mut page, "dblink --version")?;
    man.render_description_section(&mut page)?;
    section("COMMANDS").to_writer(&mut page)?;
    for subcommand in command.get_subcommands() {
        subsection(&mut page, subcommand)?;
    }
    page.extend_from_slice(BEHIND.as_bytes());
    Ok(tidied(&page))
}

/// How something is written.
fn synopsis(page: &mut Vec<u8>, usage: &str) -> io::Result<()> {
    let mut roff = Roff::new();
    roff.text([bold(usage)]);
    roff.control("br", []);
    roff.to_writer(page)
}

/// The page without the definitions that each of its parts begins with, but for the first ones; and in ASCII.
fn tidied(page: &[u8]) -> String {
    let mut seen = 0;
    let mut tidy = String::new();
    for line in String::from_utf8_lossy(page).lines() {
        let repeated = line.starts_with(".ie ") || line.starts_with(".el ");
        seen += usize::from(repeated);
        if repeated && seen > 2 {
            continue;
        }
        for character in line.chars() {
            match character.is_ascii() {
                true => tidy.push(character),
                false => tidy.push_str(&format!("\\[u{:04X}]", u32::from(character))),
            }
        }
        tidy.push('\n');
    }
    tidy
}

/// A command, with its options below.
fn subsection(page: &mut Vec<u8>, command: &Command) -> io::Result<()> {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let mut heading = Roff::new();
    heading.control("SS", [name]);
    heading.to_writer(page)?;
    let man = Man::new(command.clone());
    let usage = command.clone().render_usage().to_string();
    synopsis(page, usage.trim_start_matches("Usage: "))?;
    let mut sections = Vec::new();
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
    notes(command).to_writer(page)
}

/// What stands below a help text.
fn notes(command: &Command) -> Roff {
    let mut roff = Roff::new();
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
