//! Files: `\i`, `\ir`, `\o`.

use std::fs::File;
use std::path::Path;

use dblink_engine::libpq_text::system_text;

use super::outcome;
use crate::failure::Failure;
use crate::shell::run::{Ended, Outcome, Reading, Shell};

impl Shell {
    pub(super) async fn include(&mut self, name: &str, reading: &mut Reading) -> Result<Outcome, Failure> {
        let Some(file) = self.text(reading, true) else {
            return Ok(self.missing(name));
        };
        let mut file = expand_home(&file);
        if name.starts_with("ir") || name == "include_relative" {
            // A file that a file names is beside it.
            let beside = self.console.voice.file();
            let folder = beside.as_deref().map(Path::new).and_then(Path::parent);
            if let Some(folder) = folder.filter(|_| Path::new(&file).is_relative()) {
                file = folder.join(&file).to_string_lossy().into_owned();
            }
        }
        let ended = Box::pin(self.run_file(&file)).await?;
        // A file that ends itself ends nothing else.
        Ok(outcome(ended != Ended::Failed))
    }

    pub(super) fn redirect(&mut self, reading: &mut Reading) -> Outcome {
        if reading.scanner.next_begins_with('|') {
            self.console.voice.error("\\o: pipes are not there in this shell");
            return Outcome::Failed;
        }
        let Some(file) = self.text(reading, true) else {
            self.console.output = None;
            return Outcome::Done;
        };
        match File::create(expand_home(&file)) {
            Ok(opened) => {
                self.console.output = Some(opened);
                Outcome::Done
            }
            Err(error) => {
                self.console
                    .voice
                    .error(format_args!("{file}: {}", system_text(&error)));
                Outcome::Failed
            }
        }
    }
}

/// `~/` is the user's home.
fn expand_home(file: &str) -> String {
    match (file.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest).to_string_lossy().into_owned(),
        _ => file.to_owned(),
    }
}
