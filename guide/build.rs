//! Takes the blocks of Rust out of README.md and `docs/*.md`, each into a module of its own.
//!
//! A block with a `main` is a program as it stands. What has none is a part of one, which has a `session` with the connections
//! `north` and `south`. A block of `text` right below is what it prints.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// What stands around a part of a program.
const BEFORE: &str = "\
#[tokio::main(flavor = \"current_thread\")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
let mut session = dblink_engine::session::Session::new();
session.connect(\"north\", \"service=north\").await?;
session.connect(\"south\", \"service=south\").await?;
";
const AFTER: &str = "Ok(())\n}\n";

/// A block of a document.
struct Block {
    language: String,
    line: usize,
    text: String,
    /// Whether nothing but an empty line stands between the block before and this one.
    follows: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("..");
    let docs = root.join("docs");
    println_directive(&docs);
    let mut files = vec![root.join("README.md")];
    for entry in fs::read_dir(&docs)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            files.push(path);
        }
    }
    files.sort();
    let mut modules = String::new();
    let mut list = "pub(crate) const BLOCKS: &[Block] = &[\n".to_owned();
    let mut number = 0;
    for file in &files {
        println_directive(file);
        let name = file.strip_prefix(&root).unwrap_or(file).display().to_string();
        let blocks = blocks(&fs::read_to_string(file)?);
        for (at, block) in blocks.iter().enumerate() {
            if block.language != "rust" {
                continue;
            }
            let output = blocks
                .get(at + 1)
                .filter(|next| next.follows && next.language == "text");
            let (before, after) = if block.text.contains("fn main()") {
                ("", "")
            } else {
                (BEFORE, AFTER)
            };
            writeln!(
                modules,
                "mod block_{number} {{\n{before}{}{after}\
                 pub(crate) fn run() -> Result<(), Box<dyn std::error::Error>> {{ main() }}\n}}",
                block.text
            )?;
            writeln!(
                list,
                "Block {{ place: {:?}, output: {:?}, run: block_{number}::run }},",
                format!("{name}:{}", block.line),
                output.map(|output| &output.text)
            )?;
            number += 1;
        }
    }
    list.push_str("];\n");
    fs::write(
        Path::new(&env::var("OUT_DIR")?).join("blocks.rs"),
        list + &modules,
    )?;
    Ok(())
}

/// Has Cargo run this again when a file has changed.
fn println_directive(path: &Path) {
    println!("cargo::rerun-if-changed={}", path.display());
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut inside = false;
    let mut follows = false;
    for (number, line) in (1..).zip(text.lines()) {
        if let Some(language) = line.strip_prefix("```") {
            inside = !inside;
            if inside {
                blocks.push(Block {
                    language: language.to_owned(),
                    line: number,
                    text: String::new(),
                    follows,
                });
            }
            follows = true;
        } else if inside {
            if let Some(block) = blocks.last_mut() {
                block.text.push_str(line);
                block.text.push('\n');
            }
        } else if !line.is_empty() {
            follows = false;
        }
    }
    blocks
}
