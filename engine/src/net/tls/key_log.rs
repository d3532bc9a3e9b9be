//! A file of the connection's keys.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rustls::KeyLog;
use zeroize::Zeroizing;

/// Appends to a file that only its owner can read if it is made here.
///
/// [The format of NSS](https://nss-crypto.org/reference/security/nss/legacy/key_log_format/index.html), which Wireshark
/// reads.
#[derive(Debug)]
pub(super) struct KeyLogFile(Mutex<File>);

impl KeyLogFile {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Self(Mutex::new(options.open(path)?)))
    }
}

impl KeyLog for KeyLogFile {
    /// A line that cannot be written is left out: the connection does not suffer from its log.
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        // Large enough from the start, since growing would leave a copy behind.
        let mut line = Zeroizing::new(String::with_capacity(
            label.len() + 2 * (client_random.len() + secret.len()) + 3,
        ));
        line.push_str(label);
        for bytes in [client_random, secret] {
            line.push(' ');
            for byte in bytes {
                let _ = write!(line, "{byte:02x}");
            }
        }
        line.push('\n');
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = file.write_all(line.as_bytes());
    }
}
