//! The body of a function in SQL's own syntax: `BEGIN ATOMIC … END`, whose semicolons end no statement.

/// Whether a body is open, as far as the words of a statement tell.
#[derive(Debug, Clone, Default)]
pub(crate) struct Body {
    /// The first words of the statement, by their first letters if they are those of a definition.
    beginning: [Option<u8>; 4],
    words: usize,
    /// How many words that end with `END` are open.
    depth: usize,
}

impl Body {
    pub(crate) const fn is_open(&self) -> bool {
        self.depth > 0
    }

    /// The next statement begins.
    pub(crate) const fn forget_words(&mut self) {
        self.words = 0;
    }

    /// Takes a word of the statement, within this many parentheses.
    pub(crate) fn word(&mut self, word: &str, parens: usize) {
        if self.words == 0 {
            self.beginning = [None; 4];
        }
        let word = word.to_ascii_lowercase();
        if matches!(
            word.as_str(),
            "create" | "function" | "procedure" | "or" | "replace"
        ) && let Some(place) = self.beginning.get_mut(self.words)
        {
            *place = word.bytes().next();
        }
        self.words += 1;
        if parens > 0 || !self.defines_a_function() {
            return;
        }
        match word.as_str() {
            "begin" => self.depth += 1,
            "case" if self.depth > 0 => self.depth += 1,
            "end" => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }

    const fn defines_a_function(&self) -> bool {
        matches!(
            self.beginning,
            [Some(b'c'), Some(b'f' | b'p'), ..] | [Some(b'c'), Some(b'o'), Some(b'r'), Some(b'f' | b'p')]
        )
    }
}
