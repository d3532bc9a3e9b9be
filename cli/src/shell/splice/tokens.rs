//! The tokens of a statement, by which is found where a call ends: the parse tree tells only where it begins.

use std::ops::Range;

use pg_query::protobuf::Token;

use super::functions::Function;

/// The tokens of a text, without its comments.
#[derive(Debug)]
pub(super) struct Tokens<'a> {
    text: &'a str,
    tokens: Vec<Range<usize>>,
    /// For each that opens something, the number of the one that closes it.
    closings: Vec<Option<usize>>,
}

impl<'a> Tokens<'a> {
    /// The tokens of this text; none if it has one that cannot be.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let scanned = pg_query::scan(text).ok()?;
        let comments = [i32::from(Token::SqlComment), i32::from(Token::CComment)];
        let tokens = scanned
            .tokens
            .iter()
            .filter(|token| !comments.contains(&token.token));
        let tokens =
            tokens.map(|token| Some(usize::try_from(token.start).ok()?..usize::try_from(token.end).ok()?));
        let mut found = Self {
            text,
            tokens: tokens.collect::<Option<_>>()?,
            closings: Vec::new(),
        };
        found.closings = found.pairs();
        Some(found)
    }

    /// Finds what closes each parenthesis, bracket and `CASE`.
    fn pairs(&self) -> Vec<Option<usize>> {
        let mut closings = vec![None; self.tokens.len()];
        let mut open = Vec::new();
        for number in 0..self.tokens.len() {
            let closed = match self.get(number).unwrap_or_default() {
                "(" | "[" => {
                    open.push(number);
                    continue;
                }
                ")" => "(",
                "]" => "[",
                word if word.eq_ignore_ascii_case("case") && !self.is_name(number) => {
                    open.push(number);
                    continue;
                }
                word if word.eq_ignore_ascii_case("end") && !self.is_name(number) => "case",
                _ => continue,
            };
            // `case` and `end` may be names as well.
            while closed != "case" && open.pop_if(|opening| self.is(*opening, "case")).is_some() {}
            if let Some(opening) = open.pop_if(|opening| self.is(*opening, closed))
                && let Some(closing) = closings.get_mut(opening)
            {
                *closing = Some(number);
            }
        }
        closings
    }

    /// Whether this is a name, even if it is written as a keyword is.
    fn is_name(&self, number: usize) -> bool {
        number
            .checked_sub(1)
            .is_some_and(|before| self.is(before, ".") || self.is(before, "as"))
    }

    /// The number of the token that begins at this place.
    pub(super) fn at(&self, place: usize) -> Option<usize> {
        self.tokens.binary_search_by_key(&place, |token| token.start).ok()
    }

    /// What stands at a place.
    pub(super) fn text(&self, place: Range<usize>) -> &'a str {
        self.text.get(place).unwrap_or_default()
    }

    /// Where a token stands.
    pub(super) fn place(&self, number: usize) -> Option<Range<usize>> {
        self.tokens.get(number).cloned()
    }

    /// A token's text.
    pub(super) fn get(&self, number: usize) -> Option<&'a str> {
        self.text.get(self.place(number)?)
    }

    /// Whether a token is this keyword or sign.
    pub(super) fn is(&self, number: usize, word: &str) -> bool {
        self.get(number)
            .is_some_and(|text| text.eq_ignore_ascii_case(word))
    }

    /// The token that closes what this one opens.
    pub(super) fn closing(&self, opening: usize) -> Option<usize> {
        self.closings.get(opening).copied().flatten()
    }

    /// The commas between what stands in the parentheses that this token opens, and the token that closes them.
    pub(super) fn commas(&self, opening: usize) -> Option<(Vec<usize>, usize)> {
        if !self.is(opening, "(") {
            return None;
        }
        let closing = self.closing(opening)?;
        let inside = self.level(opening + 1).take_while(|number| *number < closing);
        let commas = inside.filter(|number| self.is(*number, ","));
        Some((commas.collect(), closing))
    }

    /// The tokens from this one on, without what stands within parentheses, brackets or `CASE`.
    fn level(&self, first: usize) -> impl Iterator<Item = usize> {
        let next = |number: &usize| Some(self.closing(*number).unwrap_or(*number) + 1);
        std::iter::successors(Some(first), next).take_while(|number| *number < self.tokens.len())
    }

    /// The first of these keywords from a token on, on its level: nothing that has to be closed is open there.
    pub(super) fn keyword(&self, first: usize, words: &[&str]) -> Option<usize> {
        let mut level = self.level(first).take_while(|number| !self.is(*number, ")"));
        level.find(|number| words.iter().any(|word| self.is(*number, word)) && !self.is_name(*number))
    }

    /// What closes the level of a token: what is behind the last of the text if that does.
    pub(super) fn end(&self, first: usize) -> usize {
        let closes = |number: &usize| self.is(*number, ")") || self.is(*number, ";");
        self.level(first).find(closes).unwrap_or(self.tokens.len())
    }

    /// From a token up to another.
    pub(super) fn up_to(&self, first: usize, end: usize) -> Option<Range<usize>> {
        let last = end.checked_sub(1).filter(|last| *last >= first)?;
        Some(self.place(first)?.start..self.place(last)?.end)
    }

    /// Whether the text may call one of dblink's functions: by its name, or in the body of a function.
    pub(super) fn may_call(&self) -> bool {
        let first = self.get(0).unwrap_or_default().to_ascii_lowercase();
        let escaped = |number| {
            self.get(number)
                .is_some_and(|text| text.starts_with(['U', 'u']) && text.contains("&\""))
        };
        ["do", "create"].contains(&first.as_str())
            || self.mention().is_some()
            || (0..self.tokens.len()).any(escaped)
    }

    /// The first of dblink's functions that is called by its name in this text, and where.
    pub(super) fn mention(&self) -> Option<(&'static str, usize)> {
        (0..self.tokens.len()).find_map(|number| {
            let name = self.get(number)?;
            if name.len() < "dblink".len() || !self.is(number + 1, "(") {
                return None;
            }
            let function = Function::find(name.to_ascii_lowercase().trim_matches('"'))?;
            // In another schema it is somebody else's.
            let schema = number.checked_sub(1).filter(|dot| self.is(*dot, "."));
            let schema = schema.and_then(|dot| self.get(dot.checked_sub(1)?));
            if schema.is_some_and(|schema| !schema.trim_matches('"').eq_ignore_ascii_case("public")) {
                return None;
            }
            Some((function.name, self.place(number)?.start))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parentheses_and_commas_are_found_among_strings_and_comments() {
        let tokens = Tokens::of("f /* ( */ ('),(', g(1, 2), (3)[1:2]) -- )").unwrap();
        let opening = tokens.at(10).unwrap();
        let (commas, closing) = tokens.commas(opening).unwrap();
        assert_eq!(commas.len(), 2);
        assert_eq!(tokens.place(closing).unwrap().end, 36);
        assert!(tokens.closing(0).is_none());
    }

    #[test]
    fn keywords_are_found_on_their_level() {
        let text = "select case when (a) then 'where' end, 1 as where, (select 1 where b) where c is true order by 1";
        let tokens = Tokens::of(text).unwrap();
        let where_ = tokens.keyword(1, &["where"]).unwrap();
        let end = tokens.keyword(where_, &["limit", "order"]).unwrap();
        assert_eq!(
            text.get(tokens.up_to(where_ + 1, end).unwrap()).unwrap(),
            "c is true"
        );
        let inner = tokens.at(text.find("1 where b").unwrap()).unwrap();
        let where_ = tokens.keyword(inner, &["where"]).unwrap();
        assert_eq!(tokens.keyword(where_, &["order"]), None);
        assert_eq!(
            text.get(tokens.up_to(where_ + 1, tokens.end(where_)).unwrap())
                .unwrap(),
            "b"
        );
        assert_eq!(tokens.keyword(1, &["then"]), None);
    }

    #[test]
    fn a_call_in_a_body_is_mentioned() {
        let found = Tokens::of("begin perform DBLINK_EXEC ('x'); end")
            .unwrap()
            .mention();
        assert_eq!(found, Some(("dblink_exec", 14)));
        for none in [
            "select dblink, 'dblink(1)'",
            "perform app.dblink_exec('x')",
            "select 1 + 1 as dblink",
        ] {
            assert_eq!(Tokens::of(none).unwrap().mention(), None, "{none}");
        }
        assert!(
            Tokens::of("perform public.dblink('x')")
                .unwrap()
                .mention()
                .is_some()
        );
    }
}
