//! A statement's text with other text in some places, which still knows where each part comes from.

use std::ops::Range;

/// A text made of parts of another one.
#[derive(Debug, Default)]
pub(super) struct Spliced {
    text: String,
    parts: Vec<Part>,
}

/// A part of the new text.
#[derive(Debug)]
struct Part {
    /// Where it begins in the new text.
    at: usize,
    /// What it stands for in the original.
    original: usize,
    /// It stands there as it does here.
    verbatim: bool,
}

impl Spliced {
    /// The new text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Appends what stands at this place of the original.
    pub(super) fn keep(&mut self, original: &str, place: Range<usize>) {
        self.part(place.start, true);
        self.text.push_str(original.get(place).unwrap_or_default());
    }

    /// Appends a text that stands for what begins at this place of the original.
    pub(super) fn put(&mut self, text: &str, place: usize) {
        self.part(place, false);
        self.text.push_str(text);
    }

    /// Appends a text that stands for what is in this place of the original: it does not run together with what is around it there.
    pub(super) fn put_apart(&mut self, text: &str, original: &str, place: &Range<usize>) {
        let is_word =
            |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || "_$".contains(c) || !c.is_ascii());
        let before = is_word(self.text.chars().next_back()) && is_word(text.chars().next());
        let behind = original.get(place.end..).and_then(|rest| rest.chars().next());
        let behind = is_word(text.chars().next_back()) && is_word(behind);
        let space = |is: bool| if is { " " } else { "" };
        self.put(&format!("{}{text}{}", space(before), space(behind)), place.start);
    }

    /// Appends another text, with where its parts come from.
    pub(super) fn append(&mut self, other: Self) {
        let before = self.text.len();
        self.text.push_str(&other.text);
        self.parts.extend(other.parts.into_iter().map(|part| Part {
            at: part.at + before,
            ..part
        }));
    }

    fn part(&mut self, original: usize, verbatim: bool) {
        self.parts.push(Part {
            at: self.text.len(),
            original,
            verbatim,
        });
    }

    /// The place in the original, as a number of characters from 1, of what a server calls a position in this text.
    pub(super) fn position(&self, original: &str, position: u32) -> Option<u32> {
        let at = usize::try_from(position).ok()?.checked_sub(1)?;
        let at = self
            .text
            .char_indices()
            .nth(at)
            .map_or(self.text.len(), |(at, _)| at);
        let part = self.parts.iter().rev().find(|part| part.at <= at)?;
        let place = match part.verbatim {
            true => part.original + (at - part.at),
            false => part.original,
        };
        Self::character(original, place)
    }

    /// The number, from 1, of the character at this place of a text.
    pub(super) fn character(text: &str, place: usize) -> Option<u32> {
        let before = text.get(..place.min(text.len()))?.chars().count();
        u32::try_from(before + 1).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_found_again() {
        let original = "select ä, f(1), b";
        let f = original.find('f').unwrap();
        let mut spliced = Spliced::default();
        spliced.keep(original, 0..f);
        spliced.put("(SELECT 'OK')", f);
        spliced.keep(original, f + 4..original.len());
        assert_eq!(spliced.text(), "select ä, (SELECT 'OK'), b");
        assert_eq!(spliced.position(original, 8), Some(8));
        assert_eq!(spliced.position(original, 15), Some(11));
        assert_eq!(spliced.position(original, 26), Some(17));
        assert_eq!(spliced.position(original, 1000), Some(18));
        assert_eq!(spliced.position(original, 0), None);
    }
}
