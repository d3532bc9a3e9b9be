//! Where the shell's input comes from.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::mem;
use std::os::fd::AsFd as _;
use std::os::unix::fs::OpenOptionsExt as _;

use dblink_engine::libpq_text::system_text;
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

use super::editor::Editor;
use crate::failure::Failure;
use crate::interrupt::pressed;
use crate::readable::readable;

/// An input that is read line by line.
pub(crate) enum Source {
    /// A file, or the standard input.
    File(Reader),
    /// Somebody types.
    Terminal(Box<Editor>),
}

/// A file that is read line by line.
pub(crate) struct Reader {
    file: BufReader<File>,
    /// Whether what it has may be still to come, as in a pipe.
    comes: bool,
    /// The beginning of a line whose end has not come.
    begun: Vec<u8>,
    /// Whether its end was seen: a terminal would begin anew behind it.
    ended: bool,
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
        let file = match name {
            "-" => File::from(io::stdin().as_fd().try_clone_to_owned()?),
            name => open(name)?,
        };
        Ok(Self::File(Reader {
            comes: !file.metadata()?.is_file(),
            file: BufReader::new(file),
            begun: Vec::new(),
            ended: false,
        }))
    }

    /// The next line with its end, as bytes; none at the end of the input.
    pub(crate) fn next_bytes(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        match self {
            Self::File(reader) => reader.line().map_err(|error| unread(&error)),
            Self::Terminal(editor) => editor.copy_line(),
        }
    }

    /// The same; Ctrl-C ends the waiting for what has not come.
    pub(crate) async fn wait_for_bytes(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        if let Self::File(reader) = self {
            tokio::select! {
                biased;
                has_come = reader.has_come() => has_come.map_err(|error| unread(&error))?,
                () = pressed() => return Err(Failure::Told(130)),
            }
        }
        self.next_bytes()
    }

    /// Whether somebody types the data of a COPY.
    pub(crate) const fn is_terminal(&self) -> bool {
        matches!(self, Self::Terminal(_))
    }
}

/// Opens a file. A pipe is not waited for here: nobody may have opened its other end yet.
fn open(name: &str) -> io::Result<File> {
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = File::options().read(true).custom_flags(flags).open(name)?;
    fcntl_setfl(&file, fcntl_getfl(&file)? - OFlags::NONBLOCK)?;
    Ok(file)
}

impl Reader {
    /// Waits until there is a line, or the end. Dropped, it has lost nothing.
    async fn has_come(&mut self) -> io::Result<()> {
        while self.comes && !self.ended && !self.file.buffer().contains(&b'\n') {
            self.begun.extend_from_slice(self.file.buffer());
            self.file.consume(self.file.buffer().len());
            readable(self.file.get_ref()).await?;
            self.ended = self.file.fill_buf()?.is_empty();
        }
        Ok(())
    }

    fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = mem::take(&mut self.begun);
        if !self.ended {
            self.file.read_until(b'\n', &mut line)?;
        }
        Ok((!line.is_empty()).then_some(line))
    }
}

fn unread(error: &io::Error) -> Failure {
    Failure::Usage(format!("could not read from input file: {}", system_text(error)))
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
