//! The commands of README.md and `docs/`: each is run, and its output compared with what stands there.
//!
//! A block of `console` has lines that begin with `$ `, which are commands for `sh`, those behind them that begin with `> `, which
//! go on with the command, and the output: what goes to the standard output and what goes to the standard error. In it `[..]` stands
//! for any text within a line, and a line that is `...` for any lines. The commands of a file run in its order, in one folder, on
//! databases of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use dblink_tests::Examples;
use tempfile::TempDir;

use crate::support::dblink;

/// A command of a document.
#[derive(Debug, PartialEq, Eq)]
struct Step {
    line: usize,
    command: String,
    output: Vec<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// README.md, and all in `docs/`.
fn documents() -> Vec<String> {
    let mut files = vec!["README.md".to_owned()];
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".md") {
            files.push(format!("docs/{name}"));
        }
    }
    files.sort();
    files
}

/// The commands of a text in Markdown.
fn steps(text: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut inside = false;
    for (number, line) in (1..).zip(text.lines()) {
        if let Some(language) = line.strip_prefix("```") {
            assert!(
                inside || !language.starts_with("console") || language == "console",
                "line {number}: a console block is one that is run"
            );
            inside = !inside && language == "console";
        } else if inside {
            if let Some(command) = line.strip_prefix("$ ") {
                steps.push(Step {
                    line: number,
                    command: command.to_owned(),
                    output: Vec::new(),
                });
            } else {
                let step = steps.last_mut().expect("a block begins with a command");
                match line.strip_prefix("> ") {
                    Some(more) if step.output.is_empty() => {
                        step.command.push('\n');
                        step.command.push_str(more);
                    }
                    _ => step.output.push(line.trim_end().to_owned()),
                }
            }
        }
    }
    steps
}

/// Whether an output is as it is said to be.
fn fits(said: &[String], output: &[&str]) -> bool {
    match said.split_first() {
        None => output.is_empty(),
        Some((line, rest)) if line == "..." => {
            (0..=output.len()).any(|skipped| fits(rest, &output[skipped..]))
        }
        Some((line, rest)) => output
            .split_first()
            .is_some_and(|(first, others)| line_fits(line, first) && fits(rest, others)),
    }
}

fn line_fits(said: &str, line: &str) -> bool {
    let mut parts = said.split("[..]");
    let Some(mut rest) = parts.next().and_then(|first| line.strip_prefix(first)) else {
        return false;
    };
    let parts: Vec<_> = parts.collect();
    let Some((last, between)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in between {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// The databases north and south, and an environment in which they are services.
struct Place {
    examples: Examples,
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        for made in ["bin", "home", "work"] {
            fs::create_dir(folder.path().join(made)).unwrap();
        }
        let program = folder.path().join("bin").join("dblink");
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_dblink"), program).unwrap();
        Self {
            examples: Examples::start(),
            folder,
        }
    }

    /// Runs a command behind one that had this exit code; gives what it says, and its own.
    fn run(&self, command: &str, before: i32) -> (String, i32) {
        let path = std::env::var("PATH").unwrap_or_default();
        let bin = self.folder.path().join("bin");
        // The program's own environment is that of the other tests.
        let mut shell = Command::new("sh");
        for (name, value) in dblink().get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        let output = shell
            .arg("-c")
            .arg(format!("exec 2>&1\n(exit {before})\n{command}"))
            .current_dir(self.folder.path().join("work"))
            .env("PATH", format!("{}:{path}", bin.display()))
            .env("HOME", self.folder.path().join("home"))
            .env("PGSERVICEFILE", self.examples.service_file())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        (said, output.status.code().unwrap_or(-1))
    }
}

/// Runs all commands of a document.
fn check(file: &str) {
    let text = fs::read_to_string(root().join(file)).unwrap();
    let steps = steps(&text);
    if steps.is_empty() {
        return;
    }
    let place = Place::new();
    let mut code = 0;
    let mut wrong = String::new();
    for step in &steps {
        let (said, ended) = place.run(&step.command, code);
        code = ended;
        // Markdown has no spaces at the ends of lines.
        let lines: Vec<_> = said.lines().map(str::trim_end).collect();
        if !fits(&step.output, &lines) {
            wrong += &format!(
                "\n{file}:{}: $ {}\nshould give\n{}\nand gives (exit code {code})\n{said}",
                step.line,
                step.command,
                step.output.join("\n")
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

macro_rules! documents {
    ($($name:ident $file:literal)*) => {
        $(#[test]
        fn $name() {
            check($file);
        })*

        #[test]
        fn every_document_is_run() {
            assert_eq!(documents(), [$($file),*]);
        }
    };
}

documents! {
    readme "README.md"
    index "docs/README.md"
    connecting "docs/connecting.md"
    design "docs/design.md"
    errors "docs/errors.md"
    from_dblink "docs/from-dblink.md"
    from_tokio_postgres "docs/from-tokio-postgres.md"
    poolers "docs/poolers.md"
    the_shell "docs/shell.md"
    tls "docs/tls.md"
}

/// What is for people with the sources is not run here: it builds and installs things.
#[test]
fn what_is_said_of_dev_is_so() {
    let help = Command::new("./dev")
        .arg("help")
        .current_dir(root())
        .output()
        .unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    for file in documents() {
        let text = fs::read_to_string(root().join(&file)).unwrap();
        for (at, _) in text.match_indices("./dev ") {
            let rest = &text[at + "./dev ".len()..];
            let end = rest.find(|c: char| !(c.is_ascii_lowercase() || c == '-'));
            let command = &rest[..end.unwrap_or(rest.len())];
            assert!(
                help.contains(&format!("./dev {command} ")),
                "{file}: ./dev {command} is not in ./dev help"
            );
        }
    }
}

/// What a link names is there.
#[test]
fn links_lead_somewhere() {
    for file in documents() {
        let path = root().join(&file);
        let text = fs::read_to_string(&path).unwrap();
        for (at, _) in text.match_indices("](") {
            let rest = &text[at + 2..];
            let link = &rest[..rest.find(')').unwrap()];
            let (target, anchor) = link.split_once('#').unwrap_or((link, ""));
            if target.starts_with("http") {
                continue;
            }
            let target = if target.is_empty() {
                path.clone()
            } else {
                path.parent().unwrap().join(target)
            };
            assert!(target.exists(), "{file}: {link}");
            if !anchor.is_empty() {
                let there = fs::read_to_string(&target).unwrap();
                let headings = there.lines().filter(|line| line.starts_with('#'));
                let mut anchors = headings.map(|heading| {
                    let words = heading.trim_start_matches('#').trim().to_lowercase();
                    let kept = words
                        .chars()
                        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
                    kept.collect::<String>().replace(' ', "-")
                });
                assert!(anchors.any(|there| there == anchor), "{file}: {link}");
            }
        }
    }
}

#[test]
fn commands_and_their_output_are_found() {
    let text = "a\n```console\n$ one\nsays\n$ two <<end\n> more\n> end\n```\n```sh\n$ not this\n```\n";
    let step = |line, command: &str, output: &[&str]| Step {
        line,
        command: command.to_owned(),
        output: output.iter().map(|line| (*line).to_owned()).collect(),
    };
    assert_eq!(
        steps(text),
        [step(3, "one", &["says"]), step(5, "two <<end\nmore\nend", &[])]
    );
}

#[test]
fn an_output_that_differs_does_not_fit() {
    let fitting = |said: &[&str], output: &[&str]| {
        let said: Vec<_> = said.iter().map(|line| (*line).to_owned()).collect();
        fits(&said, output)
    };
    assert!(fitting(&["a", "...", "z"], &["a", "b", "c", "z"]));
    assert!(fitting(&["a", "...", "z"], &["a", "z"]));
    assert!(!fitting(&["a", "...", "z"], &["a", "b"]));
    assert!(fitting(&["in [..] ms"], &["in 12 ms"]));
    assert!(!fitting(&["in [..] ms"], &["in 12 s"]));
    assert!(fitting(&["[..], [..]."], &["a, b."]));
    assert!(!fitting(&["[..], [..]."], &["a b."]));
    assert!(!fitting(&["a"], &["a", "b"]));
    assert!(!fitting(&["a", "b"], &["a"]));
    assert!(!fitting(&["a"], &["ab"]));
}
