//! COPY's binary format, for the clients that have no encoder of their own.
//!
//! PostgreSQL manual: [Binary Format](https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-BINARY-FORMAT).

use crate::work::COPIED_NAME;

/// The signature, no flags, no extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// In place of a row's number of columns.
const TRAILER: &[u8] = &[0xff, 0xff];

/// A piece is sent when it is about as large as this.
const PIECE_BYTES: usize = 64 * 1024;

/// The rows of [`Work::CopyIn`](crate::work::Work::CopyIn), in pieces.
pub(crate) struct CopyRows {
    piece: Vec<u8>,
    /// The name, behind its length.
    name: Vec<u8>,
    given: u32,
    count: u32,
    over: bool,
}

impl CopyRows {
    pub(crate) fn new(count: u32) -> Self {
        let length = u32::try_from(COPIED_NAME.len()).unwrap_or(u32::MAX);
        Self {
            piece: HEADER.to_vec(),
            name: [&length.to_be_bytes(), COPIED_NAME.as_bytes()].concat(),
            given: 0,
            count,
            over: false,
        }
    }

    /// The next piece; none at the end.
    pub(crate) fn next_piece(&mut self) -> Option<&[u8]> {
        if self.over {
            return None;
        }
        if self.given > 0 {
            self.piece.clear();
        }
        while self.given < self.count && self.piece.len() < PIECE_BYTES {
            self.given += 1;
            self.piece.extend_from_slice(&[0, 2, 0, 0, 0, 4]);
            self.piece.extend_from_slice(&self.given.to_be_bytes());
            self.piece.extend_from_slice(&self.name);
        }
        if self.given == self.count {
            self.piece.extend_from_slice(TRAILER);
            self.over = true;
        }
        Some(&self.piece)
    }
}
