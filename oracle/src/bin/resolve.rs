//! Tells what libpq makes of connection strings in this process's environment, which tests set.
//!
//! The strings come from the standard input, each with a zero byte behind it. For each the standard output has lines of
//! a name, a tabulator and an escaped value, and an empty line at the end.
//!
//! The argument says what to do: `start`, `pairs` (keyword and value are separated by byte 1, as are pairs), or
//! `connect`.

use std::ffi::{CStr, CString};
use std::io::{self, Read, Write};

use dblink_oracle::Attempt;

fn main() -> io::Result<()> {
    dblink_oracle::use_locale();
    let mode = std::env::args().nth(1).unwrap_or_default();
    let mut input = Vec::new();
    io::stdin().read_to_end(&mut input)?;
    let mut output = io::stdout().lock();
    for text in input.split_inclusive(|&byte| byte == 0) {
        let text = CStr::from_bytes_with_nul(text).map_err(io::Error::other)?;
        let attempt = match mode.as_str() {
            "pairs" => dblink_oracle::start_pairs(&pairs(text)?),
            "connect" => dblink_oracle::connect(text),
            _ => dblink_oracle::start(text),
        };
        tell(&mut output, &attempt)?;
    }
    Ok(())
}

fn pairs(text: &CStr) -> io::Result<Vec<(CString, CString)>> {
    let mut items = text.to_bytes().split(|&byte| byte == 1);
    let mut pairs = Vec::new();
    while let (Some(keyword), Some(value)) = (items.next(), items.next()) {
        pairs.push((CString::new(keyword)?, CString::new(value)?));
    }
    Ok(pairs)
}

fn tell(output: &mut impl Write, attempt: &Attempt) -> io::Result<()> {
    if let Some(error) = &attempt.error {
        writeln!(output, "error\t{}", error.escape_ascii())?;
    }
    for (keyword, value) in &attempt.options {
        writeln!(output, "option {keyword}\t{}", value.escape_ascii())?;
    }
    writeln!(output, "host\t{}", attempt.host.escape_ascii())?;
    writeln!(output, "port\t{}", attempt.port.escape_ascii())?;
    writeln!(output, "password\t{}\n", attempt.password.escape_ascii())
}
