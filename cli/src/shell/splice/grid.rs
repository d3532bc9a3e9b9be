//! The rows of a result, as text, in one piece of memory: a result may be large.

/// Rows of values.
#[derive(Debug, Default)]
pub(super) struct Grid {
    text: String,
    /// Where each value ends in the text; none for NULL.
    ends: Vec<Option<usize>>,
    width: usize,
    rows: usize,
}

impl Grid {
    /// Rows of so many values.
    pub(super) fn new(width: usize) -> Self {
        Self {
            width,
            ..Self::default()
        }
    }

    /// Appends a row. Values that it lacks are NULL.
    pub(super) fn push<'v>(&mut self, values: impl IntoIterator<Item = Option<&'v str>>) {
        let mut values = values.into_iter();
        for _ in 0..self.width {
            let value = values.next().flatten();
            self.text.push_str(value.unwrap_or_default());
            self.ends.push(value.map(|_| self.text.len()));
        }
        self.rows += 1;
    }

    /// Appends a row as the server gave it.
    pub(super) fn push_received<'v>(&mut self, values: impl Iterator<Item = Option<&'v [u8]>>) {
        for value in values {
            self.text
                .push_str(&String::from_utf8_lossy(value.unwrap_or_default()));
            self.ends.push(value.map(|_| self.text.len()));
        }
        self.rows += 1;
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The rows.
    pub(super) fn iter(&self) -> impl Iterator<Item = Vec<Option<&str>>> {
        let mut ends = self.ends.iter();
        let mut start = 0;
        (0..self.rows).map(move |_| {
            let value = |end: &Option<usize>| {
                let value = self.text.get(start..(*end)?);
                start = end.unwrap_or(start);
                value
            };
            ends.by_ref().take(self.width).map(value).collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_comes_out() {
        let mut grid = Grid::new(3);
        assert!(grid.is_empty());
        grid.push([Some("a"), None, Some("")]);
        grid.push([None, Some("bä"), None]);
        grid.push_received([&b"x"[..], b"y", b"\xff"].into_iter().map(Some));
        let rows: Vec<_> = grid.iter().collect();
        assert_eq!(
            rows,
            [
                [Some("a"), None, Some("")],
                [None, Some("bä"), None],
                [Some("x"), Some("y"), Some("\u{fffd}")]
            ]
        );
        let mut none = Grid::new(0);
        none.push([]);
        assert_eq!(none.iter().count(), 1);
    }
}
