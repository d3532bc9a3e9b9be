//! What the engine's documentation has to say of each public function.

// Tests report by panicking.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::fs;
use std::path::{Path, PathBuf};

/// How a paragraph begins that says what becomes of a future that is dropped.
const DROPPED: [&str; 2] = ["Cancel-safe: ", "Dropping the future "];

/// What is awaited to do what it says.
const AWAITED: [&str; 9] = [
    "Autonomous",
    "Close",
    "Exec",
    "Fetch",
    "GetResult",
    "Open",
    "Query",
    "Scatter",
    "SendQuery",
];

/// A public function, with the lines of its documentation.
struct Function {
    /// Its file, line and name.
    place: String,
    documentation: Vec<String>,
    signature: String,
}

impl Function {
    fn is_async(&self) -> bool {
        self.signature.contains("async fn ")
            || self.signature.contains("-> impl Future<")
            || self.gives_what_is_awaited()
    }

    fn gives_what_is_awaited(&self) -> bool {
        AWAITED
            .iter()
            .any(|awaited| self.signature.contains(&format!("-> {awaited}<")))
    }

    fn says_what_a_drop_does(&self) -> bool {
        let mut lines = self.documentation.iter();
        lines.any(|line| DROPPED.iter().any(|beginning| line.starts_with(beginning)))
    }

    /// Whether it returns the error of a session, which has an SQLSTATE.
    fn fails_in_a_session(&self) -> bool {
        self.signature.contains(", Error>") || self.gives_what_is_awaited()
    }

    /// Whether what is below `# Errors` names an SQLSTATE, or refers to another function's.
    fn names_sqlstates(&self) -> bool {
        let mut section = self.documentation.iter().skip_while(|line| *line != "# Errors");
        section.any(|line| {
            let codes = line.split('`').skip(1).step_by(2);
            let mut codes = codes.filter(|code| code.len() == 5);
            line.to_lowercase().contains("as [`")
                || codes.any(|code| code.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'Z')))
        })
    }
}

/// The Rust files in a folder and those in it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The public functions of a file. What is public at all is public for everybody: a lint sees to that.
fn functions(path: &Path) -> Vec<Function> {
    let text = fs::read_to_string(path).unwrap();
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    let mut found = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let Some((_, rest)) = line.split_once("fn ").filter(|_| line.starts_with("pub ")) else {
            continue;
        };
        let name: String = rest
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        let above = lines[..number].iter().rev();
        // Up to an empty line, or the head of what it stands in.
        let mut documentation: Vec<_> = above
            .take_while(|line| line.starts_with("///") || !(line.is_empty() || line.ends_with('{')))
            .filter_map(|line| line.strip_prefix("///"))
            .map(|line| line.trim().to_owned())
            .collect();
        documentation.reverse();
        let mut signature = String::new();
        for line in &lines[number..] {
            signature.push_str(line);
            signature.push(' ');
            if line.ends_with('{') || line.ends_with(';') {
                break;
            }
        }
        found.push(Function {
            place: format!("{}:{}: {name}", path.display(), number + 1),
            documentation,
            signature,
        });
    }
    found
}

fn engine() -> Vec<Function> {
    // Tests run in their package's folder.
    let source = Path::new("../engine/src");
    files(source).iter().flat_map(|path| functions(path)).collect()
}

#[track_caller]
fn nobody_lacks(what: &str, lacking: impl Iterator<Item = Function>) {
    let places: Vec<_> = lacking.map(|function| function.place).collect();
    assert!(places.is_empty(), "{what} is not said of:\n{}", places.join("\n"));
}

#[test]
fn all_that_is_awaited_is_known() {
    let source = Path::new("../engine/src/session");
    let mut found: Vec<_> = files(source)
        .iter()
        .flat_map(|path| {
            let text = fs::read_to_string(path).unwrap();
            let by_hand = text.split("IntoFuture for ").skip(1);
            let names = by_hand.chain(text.split("\ncall!(").skip(1));
            let names = names.map(|rest| rest.split(['<', ' ']).next().unwrap().to_owned());
            names.filter(|name| name != "$call").collect::<Vec<_>>()
        })
        .collect();
    found.sort();
    assert_eq!(found, AWAITED);
}

#[test]
fn every_async_function_says_what_dropping_it_does() {
    let all: Vec<_> = engine().into_iter().filter(Function::is_async).collect();
    assert!(all.len() > 30, "only {} are found", all.len());
    let lacking = all
        .into_iter()
        .filter(|function| !function.says_what_a_drop_does());
    nobody_lacks("what becomes of it when its future is dropped", lacking);
}

#[test]
fn every_error_of_a_session_has_its_sqlstate() {
    let all: Vec<_> = engine()
        .into_iter()
        .filter(Function::fails_in_a_session)
        .collect();
    assert!(all.len() > 50, "only {} are found", all.len());
    let lacking = all.into_iter().filter(|function| !function.names_sqlstates());
    nobody_lacks("with which SQLSTATE it fails", lacking);
}

/// Each line of the table of dblink's peculiarities names a test that there is.
#[test]
fn every_peculiarity_has_its_test() {
    let text = fs::read_to_string("../engine/src/session/mod.rs").unwrap();
    let folder = Path::new("tests/session");
    let tests: String = files(folder)
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let mut lines = 0;
    for line in text.lines().filter_map(|line| line.strip_prefix("//! | ")) {
        let cells: Vec<_> = line.split(" | ").collect();
        let Ok(number) = cells[0].parse::<u32>() else {
            continue;
        };
        lines += 1;
        assert_eq!(number, lines, "{line}");
        let test = cells.last().unwrap().split('`').nth(1).unwrap();
        assert!(tests.contains(&format!("async fn {test}()")), "{number}: {test}");
    }
    assert_eq!(lines, 23);
}

#[test]
fn each_of_dblinks_functions_has_an_example() {
    let functions: Vec<_> = engine()
        .into_iter()
        .filter(|function| {
            function
                .documentation
                .iter()
                .any(|line| line.starts_with("`dblink"))
        })
        .collect();
    assert_eq!(functions.len(), 19, "dblink's functions");
    let lacking = functions
        .into_iter()
        .filter(|function| !function.documentation.iter().any(|line| line.starts_with("```")));
    nobody_lacks("by an example what it does", lacking);
}
