//! What Tab completes.

use rustyline::completion::{Completer, FilenameCompleter, Pair};
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::Validator;
use rustyline::{Context, Result};

use super::commands::NAMES;
use super::splice::function_names;

/// Knows what can stand where.
#[derive(Default)]
pub(super) struct Helper {
    /// The names of the connections that are open.
    pub(super) connections: Vec<String>,
    files: FilenameCompleter,
}

const KEYWORDS: [&str; 48] = [
    "alter",
    "and",
    "analyze",
    "as",
    "begin",
    "by",
    "case",
    "commit",
    "copy",
    "create",
    "delete",
    "desc",
    "distinct",
    "drop",
    "end",
    "exists",
    "explain",
    "from",
    "grant",
    "group",
    "having",
    "in",
    "index",
    "insert",
    "into",
    "is",
    "join",
    "left",
    "like",
    "limit",
    "not",
    "null",
    "on",
    "or",
    "order",
    "returning",
    "rollback",
    "savepoint",
    "select",
    "set",
    "show",
    "table",
    "truncate",
    "union",
    "update",
    "values",
    "where",
    "with",
];

/// The commands whose argument is a file.
const WITH_FILE: [&str; 8] = [
    "\\i ",
    "\\ir ",
    "\\include ",
    "\\o ",
    "\\out ",
    "\\g ",
    "\\gx ",
    "\\include_relative ",
];

impl Helper {
    /// What can stand at the end of this text, and where that begins.
    fn candidates(&self, before: &str) -> (usize, Vec<String>) {
        let word_at = before
            .rfind(|c: char| !(c.is_alphanumeric() || c == '_'))
            .map_or(0, |at| {
                at + before
                    .get(at..)
                    .and_then(|rest| rest.chars().next())
                    .map_or(1, char::len_utf8)
            });
        let word = before.get(word_at..).unwrap_or_default();
        let ahead = before.get(..word_at).unwrap_or_default();
        if ahead.trim_start() == "\\" {
            let command = format!("\\{word}");
            let names = NAMES.iter().filter(|name| name.starts_with(&command));
            return (word_at - 1, names.map(|name| (*name).to_owned()).collect());
        }
        if let Some(quote) = name_of_connection(before) {
            let begun = before.get(quote..).unwrap_or_default();
            let names = self.connections.iter().filter(|name| name.starts_with(begun));
            return (quote, names.map(|name| format!("{name}'")).collect());
        }
        if word.is_empty() {
            return (word_at, Vec::new());
        }
        let small = word.to_lowercase();
        let found = function_names()
            .map(|name| format!("{name}("))
            .chain(KEYWORDS.iter().map(|word| format!("{word} ")))
            .filter(|name| name.starts_with(&small));
        let capital = word.chars().all(|c| !c.is_lowercase());
        let found = found.map(|name| if capital { name.to_uppercase() } else { name });
        (word_at, found.collect())
    }
}

/// Where the first argument of one of dblink's functions begins, if that is what the text ends with.
fn name_of_connection(before: &str) -> Option<usize> {
    let quote = before.rfind('\'')?;
    let call = before.get(..quote)?.trim_end().strip_suffix('(')?.trim_end();
    let function = call.rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next()?;
    let function = function.to_lowercase();
    function_names().any(|name| name == function).then_some(quote + 1)
}

impl Completer for Helper {
    type Candidate = Pair;

    fn complete(&self, line: &str, pos: usize, ctx: &Context<'_>) -> Result<(usize, Vec<Pair>)> {
        let before = line.get(..pos).unwrap_or(line);
        if WITH_FILE
            .iter()
            .any(|command| before.trim_start().starts_with(command))
        {
            return self.files.complete(line, pos, ctx);
        }
        let (start, found) = self.candidates(before);
        let pair = |text: String| Pair {
            display: text.trim_end().to_owned(),
            replacement: text,
        };
        Ok((start, found.into_iter().map(pair).collect()))
    }
}

impl Hinter for Helper {
    type Hint = String;
}

impl Highlighter for Helper {}

impl Validator for Helper {}

impl rustyline::Helper for Helper {}

#[cfg(test)]
mod tests {
    use super::Helper;

    fn completed(before: &str) -> Vec<String> {
        let helper = Helper {
            connections: vec!["north".to_owned(), "south".to_owned()],
            ..Helper::default()
        };
        let (start, found) = helper.candidates(before);
        let start = before.get(..start).unwrap();
        found.into_iter().map(|text| format!("{start}{text}")).collect()
    }

    #[test]
    fn each_place_has_its_own_words() {
        assert_eq!(
            completed("select * from dblink('no"),
            ["select * from dblink('north'"]
        );
        assert_eq!(
            completed("select dblink_exec ( '"),
            ["select dblink_exec ( 'north'", "select dblink_exec ( 'south'"]
        );
        assert_eq!(completed("select dblink_disc"), ["select dblink_disconnect("]);
        assert_eq!(completed("SEL"), ["SELECT "]);
        assert_eq!(completed("\\conni"), ["\\conninfo"]);
        assert_eq!(completed("select 'no"), ["select 'not "]);
        assert!(completed("").is_empty());
    }
}
