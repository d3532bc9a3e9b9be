//! Asking for a password on the terminal.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write as _};

use dblink_protocol::Secret;
use futures_util::lock::Mutex;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::failure::Failure;
use crate::readable::readable;

/// The longest password that is read, in bytes.
const LONGEST: usize = 64 * 1024;

/// Two questions at the same time could not be told apart.
static TURN: Mutex<()> = Mutex::new(());

/// The terminal that the program was started on, be its input and output elsewhere.
pub(crate) struct Terminal(File);

impl Terminal {
    /// The terminal, if there is one.
    pub(crate) fn open() -> Option<Self> {
        let file = OpenOptions::new().read(true).write(true).open("/dev/tty").ok()?;
        // What is none in spite of its name has no attributes.
        tcgetattr(&file).ok()?;
        Some(Self(file))
    }

    /// Asks for a password, without echo. The echo is back when this has ended, or was dropped.
    ///
    /// # Errors
    ///
    /// [`Failure::Usage`] if the terminal cannot be used.
    pub(crate) async fn ask(&self, prompt: &str) -> Result<Secret, Failure> {
        let _turn = TURN.lock().await;
        let failed = |error: &io::Error| Failure::io("ask for the password", error);
        let silence = Silence::begin(&self.0).map_err(|error| failed(&error))?;
        let mut terminal = &self.0;
        terminal
            .write_all(prompt.as_bytes())
            .map_err(|error| failed(&error))?;
        let answer = read_line(&self.0).await;
        drop(silence);
        answer.map_err(|error| failed(&error))
    }
}

/// For as long as it lives, the terminal shows nothing that is typed.
struct Silence<'a> {
    terminal: &'a File,
    before: Termios,
}

impl<'a> Silence<'a> {
    fn begin(terminal: &'a File) -> io::Result<Self> {
        let before = tcgetattr(terminal)?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        // What was typed before the question is no answer to it.
        tcsetattr(terminal, OptionalActions::Flush, &silent)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Silence<'_> {
    fn drop(&mut self) {
        // A terminal that is gone shows nothing, either.
        let _ = tcsetattr(self.terminal, OptionalActions::Flush, &self.before);
        // The end of the line that was typed was not shown.
        let _ = self.terminal.write_all(b"\n");
    }
}

/// Reads a line, or what there is at the end of the input; without its end. Dropped, it leaves what is typed later to others.
async fn read_line(mut from: &File) -> io::Result<Secret> {
    // It does not grow, which would leave copies in memory.
    let mut line = Vec::with_capacity(LONGEST);
    let mut byte = [0];
    while line.len() < LONGEST {
        readable(&from).await?;
        match from.read(&mut byte) {
            Ok(0) => break,
            Ok(_) if byte == *b"\n" => break,
            Ok(_) => line.extend_from_slice(&byte),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(Secret::from(line))
}

#[cfg(test)]
mod tests {
    use rustix::pipe::pipe;

    use super::*;

    #[tokio::test]
    async fn a_line_is_read_without_its_end() {
        for (text, line) in [
            ("tiger\nmore", "tiger"),
            ("tiger\r\n", "tiger"),
            (" ti ger ", " ti ger "),
            ("\n", ""),
            ("", ""),
        ] {
            let (reader, writer) = pipe().unwrap();
            File::from(writer).write_all(text.as_bytes()).unwrap();
            let read = read_line(&File::from(reader)).await.unwrap();
            assert_eq!(read.expose(), line.as_bytes(), "{text:?}");
        }
    }
}
