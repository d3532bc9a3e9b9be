//! Reading a target's input.
//!
//! Inputs have a form of their own, of single bytes and short strings of bytes, so that seeds can be written with the
//! same ease as they are read, and a mutation changes one thing at a time. No input is malformed: what is missing at
//! the end is zero or empty.

/// What is left of an input.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    rest: &'a [u8],
}

impl<'a> Input<'a> {
    /// The whole of `data`.
    pub const fn new(data: &'a [u8]) -> Self {
        Self { rest: data }
    }

    /// Whether nothing is left.
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// A byte.
    pub fn byte(&mut self) -> u8 {
        match self.rest.split_first() {
            Some((byte, rest)) => {
                self.rest = rest;
                *byte
            }
            None => 0,
        }
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: u8) -> u8 {
        self.byte() % end
    }

    /// A lot with two outcomes.
    pub fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    /// The next `count` bytes, or as many as there are.
    pub fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at(count.min(self.rest.len()));
        self.rest = rest;
        taken
    }

    /// `N` bytes.
    pub fn array<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.byte())
    }

    /// Bytes with their number in one byte in front.
    pub fn bytes(&mut self) -> &'a [u8] {
        let count = usize::from(self.byte());
        self.take(count)
    }

    /// Bytes with their number in two bytes in front.
    pub fn long_bytes(&mut self) -> &'a [u8] {
        let count = u16::from_be_bytes(self.array());
        self.take(count.into())
    }

    /// All that is left.
    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.rest)
    }
}

/// Writes `bytes` as [`Input::bytes`] reads them.
pub fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(u8::try_from(bytes.len()).expect("a seed's strings are short"));
    out.extend_from_slice(bytes);
}

/// Writes `bytes` as [`Input::long_bytes`] reads them.
pub fn put_long_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    let count = u16::try_from(bytes.len()).expect("a seed's strings are short");
    out.extend(count.to_be_bytes());
    out.extend_from_slice(bytes);
}

/// A message's frame: its type byte, its length word, and its body.
pub fn frame(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).expect("inputs are short");
    [&[tag][..], &length.to_be_bytes(), body].concat()
}
