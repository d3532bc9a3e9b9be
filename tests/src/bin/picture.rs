//! Draws what `dblink demo` prints: text in, SVG out. `./dev picture` makes `docs/demo.svg` with it.
//!
//! Its arguments are the beginnings of the titles of the parts that are shown; of the others there is the title alone.

// A program for developers: it stops at what cannot be.
#![allow(clippy::unwrap_used, clippy::string_slice)]

use std::fmt::Write as _;
use std::io::{self, Read as _, Write as _};

/// In pixels.
const CHARACTER: f64 = 7.25;
const LINE: usize = 17;
const MARGIN: usize = 18;

/// Where calls begin, in characters.
const CALLS: usize = 26;

const TITLE: &str = "#f0f6fc";
const NAME: &str = "#d2a8ff";
const CALL: &str = "#79c0ff";
const ANSWER: &str = "#7ee787";
const NOTE: &str = "#8b949e";

/// A piece of a line: its column, colour and text.
type Piece<'a> = (usize, &'static str, &'a str);

fn main() -> io::Result<()> {
    let shown: Vec<_> = std::env::args().skip(1).collect();
    let mut text = String::new();
    io::stdin().read_to_string(&mut text)?;
    io::stdout().write_all(draw(&chosen(&text, &shown)).as_bytes())
}

/// The lines that are shown.
fn chosen(text: &str, shown: &[String]) -> Vec<String> {
    let mut lines = Vec::new();
    for part in text.trim_end().split("\n\n") {
        let whole = !part.contains("\n  ") || shown.iter().any(|title| part.starts_with(title));
        if whole {
            lines.push(String::new());
            lines.extend(part.lines().map(str::to_owned));
        } else if let Some(title) = part.lines().next() {
            lines.push(String::new());
            lines.push(format!("{title} …"));
        }
    }
    lines.remove(0);
    lines
}

fn draw(lines: &[String]) -> String {
    let longest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few thousand"
    )]
    let width = (longest as f64 * CHARACTER).ceil() as usize + 2 * MARGIN;
    let height = lines.len() * LINE + 2 * MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" aria-label=\"What dblink demo prints\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#0d1117\"/>\n\
         <g font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" \
         font-size=\"12\" style=\"white-space: pre\">\n"
    );
    for (number, line) in lines.iter().enumerate() {
        let y = MARGIN + number * LINE + 12;
        if line.is_empty() {
            continue;
        }
        write!(svg, "<text y=\"{y}\" xml:space=\"preserve\">").unwrap();
        for (column, colour, text) in pieces(line) {
            let x = MARGIN as f64 + column as f64 * CHARACTER;
            // However wide the reader's font is, columns stay columns.
            let length = text.chars().count() as f64 * CHARACTER;
            let bold = if colour == TITLE {
                " font-weight=\"bold\""
            } else {
                ""
            };
            write!(
                svg,
                "<tspan x=\"{x}\" textLength=\"{length}\" lengthAdjust=\"spacingAndGlyphs\" fill=\"{colour}\"{bold}>{}</tspan>",
                escaped(text)
            )
            .unwrap();
        }
        svg.push_str("</text>\n");
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

/// The pieces of a line, spaces in front of each included in its column.
fn pieces(line: &str) -> Vec<Piece<'_>> {
    if !line.starts_with(' ') {
        let colour = if line.contains(". ") || line.ends_with('…') || line.ends_with("s.") {
            NOTE
        } else {
            TITLE
        };
        return vec![(0, colour, line)];
    }
    let split = line.char_indices().nth(CALLS).map_or(line.len(), |(at, _)| at);
    let (name, rest) = line.split_at(split);
    let mut pieces = Vec::new();
    push(&mut pieces, 0, NAME, name);
    match rest.find('→') {
        Some(arrow) => {
            push(&mut pieces, CALLS, CALL, &rest[..arrow]);
            let column = CALLS + rest[..arrow].chars().count();
            push(&mut pieces, column, ANSWER, &rest[arrow..]);
        }
        // What goes on is an answer with two spaces in front, or a call with more.
        None if rest.starts_with("  ") && !rest.starts_with("    ") => push(&mut pieces, CALLS, ANSWER, rest),
        None => push(&mut pieces, CALLS, CALL, rest),
    }
    pieces
}

fn push<'a>(pieces: &mut Vec<Piece<'a>>, column: usize, colour: &'static str, text: &'a str) {
    let trimmed = text.trim_start();
    let column = column + text.chars().count() - trimmed.chars().count();
    let trimmed = trimmed.trim_end();
    if !trimmed.is_empty() {
        pieces.push((column, colour, trimmed));
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
