//! Where the shell's input comes from.

use std::fs::File;
use std::io::{self, BufRead, BufReader};

use dblink_engine::libpq_text::system_text;
use tokio::task::spawn_blocking;

use super::editor::Editor;
use crate::failure::Failure;
use crate::interrupt::pressed;

/// An input that is read line by line.
pub(crate) enum Source {
    File(BufReader<File>),
    /// None while it is read.
    Stdin(Option<BufReader<io::Stdin>>),
    /// Somebody types.
    Terminal(Box<Editor>),
}

/// A line, without its end.
#[derive(Debug, Default)]
pub(crate) struct Line {
    pub(crate) text: String,
    /// What the server would say of bytes that are not UTF-8, and all bytes as they are.
    pub(crate) invalid: Option<(String, Vec<u8>)>,
}

impl Source {
    /// Opens a file, or the standard input if its name is `-`.
    pub(crate) fn open(name: &str) -> io::Result<Self> {
        if name == "-" {
            return Ok(Self::stdin());
        }
        Ok(Self::File(BufReader::new(File::open(name)?)))
    }

    pub(crate) fn stdin() -> Self {
        Self::Stdin(Some(BufReader::new(io::stdin())))
    }

    /// The next line with its end, as bytes; none at the end of the input.
    pub(crate) fn next_bytes(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        let reader: &mut dyn BufRead = match self {
            Self::File(file) => file,
            Self::Stdin(Some(stdin)) => stdin,
            Self::Stdin(None) => return Ok(None),
            Self::Terminal(editor) => return editor.copy_line(),
        };
        read_line(reader)
    }

    /// The same; Ctrl-C ends the waiting for what has not come.
    pub(crate) async fn wait_for_bytes(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        let Self::Stdin(stdin) = self else {
            return self.next_bytes();
        };
        let Some(mut reader) = stdin.take_if(|stdin| !stdin.buffer().contains(&b'\n')) else {
            return self.next_bytes();
        };
        let reading = spawn_blocking(move || {
            let line = read_line(&mut reader);
            (reader, line)
        });
        tokio::select! {
            biased;
            read = reading => {
                let (reader, line) =
                    read.map_err(|error| Failure::Usage(format!("could not read from input file: {error}")))?;
                *stdin = Some(reader);
                line
            }
            () = pressed() => Err(Failure::Told(130)),
        }
    }

    /// Whether somebody types the data of a COPY.
    pub(crate) const fn is_terminal(&self) -> bool {
        matches!(self, Self::Terminal(_))
    }
}

fn read_line(reader: &mut dyn BufRead) -> Result<Option<Vec<u8>>, Failure> {
    let mut line = Vec::new();
    let read = reader.read_until(b'\n', &mut line).map_err(|error| {
        let why = system_text(&error);
        Failure::Usage(format!("could not read from input file: {why}"))
    })?;
    Ok((read > 0).then_some(line))
}

impl Line {
    pub(crate) fn new(mut bytes: Vec<u8>) -> Self {
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
        }
        match String::from_utf8(bytes) {
            Ok(text) => Self { text, invalid: None },
            Err(error) => {
                let rest = error.as_bytes().get(error.utf8_error().valid_up_to()..);
                let wrong = invalid_text(rest.unwrap_or_default());
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                Self {
                    text,
                    invalid: Some((wrong, error.into_bytes())),
                }
            }
        }
    }
}

/// What the server says of bytes that no character begins with.
fn invalid_text(bytes: &[u8]) -> String {
    let length = match bytes.first() {
        Some(0xc0..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf7) => 4,
        _ => 1,
    };
    let shown: Vec<_> = bytes
        .iter()
        .take(length)
        .map(|byte| format!("0x{byte:02x}"))
        .collect();
    format!("invalid byte sequence for encoding \"UTF8\": {}", shown.join(" "))
}

/// The beginning of an archive of pg_dump's, which is no script.
pub(crate) const ARCHIVE: &str = "PGDMP";
