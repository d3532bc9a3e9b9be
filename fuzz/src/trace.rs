//! The tracer. The input is a byte of switches, then pieces of either direction.
//!
//! However the pieces are cut, the trace is the same. It holds no control character but tabs and line ends, so that a
//! server cannot talk to the terminal; each line begins with its sender or is a remark.

use dblink_protocol::trace::Tracer;

use crate::input::Input;

/// Checks one input.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let switches = input.byte();
    let mut pieces = Vec::new();
    while !input.is_empty() {
        pieces.push((input.flag(), input.bytes()));
    }
    // Cut, an empty piece would not be there.
    pieces.retain(|(_, piece)| !piece.is_empty());
    let whole = trace(switches, pieces.iter().copied());
    let cut = trace(
        switches,
        pieces
            .iter()
            .flat_map(|&(frontend, piece)| piece.chunks(1).map(move |byte| (frontend, byte))),
    );
    assert_eq!(whole, cut);

    assert!(
        !whole.contains(|c: char| c.is_control() && c != '\t' && c != '\n'),
        "{whole:?}"
    );
    for line in whole.lines() {
        assert!(
            line.starts_with("F\t") || line.starts_with("B\t") || line.starts_with("malformed "),
            "{line:?}"
        );
    }
}

fn trace<'a>(switches: u8, pieces: impl Iterator<Item = (bool, &'a [u8])>) -> String {
    let mut tracer = match switches & 1 {
        0 => Tracer::new(),
        _ => Tracer::for_session(),
    }
    .regress(switches & 2 != 0)
    .reveal_secrets(switches & 4 != 0);
    let mut out = String::new();
    for (frontend, piece) in pieces {
        if frontend {
            tracer.frontend(None, piece, &mut out);
        } else {
            tracer.backend(None, piece, &mut out);
        }
    }
    out
}
