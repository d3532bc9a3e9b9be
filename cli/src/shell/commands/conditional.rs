//! `\if`, `\elif`, `\else`, `\endif`.

use crate::shell::branch::State;
use crate::shell::run::{Outcome, Reading, Shell};
use crate::shell::variables::parse_switch;

impl Shell {
    pub(super) fn conditional(&self, name: &str, reading: &mut Reading) -> Outcome {
        if name == "if" {
            self.begin_branch(reading);
            return Outcome::Done;
        }
        let Some(state) = reading.branches.state() else {
            return self.refuse(name, "no matching \\if");
        };
        let is_else = matches!(state, State::ElseTrue | State::ElseFalse);
        if is_else && name != "endif" {
            return self.refuse(name, "cannot occur after \\else");
        }
        let was_active = reading.branches.is_active();
        match name {
            "endif" => {
                if !was_active {
                    forget(reading);
                }
                reading.branches.end();
            }
            "else" => {
                leave(reading, was_active);
                let next = if state == State::False {
                    State::ElseTrue
                } else {
                    State::ElseFalse
                };
                reading.branches.set_state(next);
            }
            _ => {
                leave(reading, was_active);
                if state == State::False {
                    // Its condition is read as what counts.
                    reading.branches.set_state(State::True);
                    if !self.condition("\\elif expression", reading) {
                        reading.branches.set_state(State::False);
                    }
                } else {
                    reading.branches.set_state(State::Ignored);
                    pass_words(reading);
                }
            }
        }
        Outcome::Done
    }

    fn begin_branch(&self, reading: &mut Reading) {
        let (length, depth) = (reading.statement.len(), reading.scanner.depth());
        if reading.branches.is_active() {
            reading.branches.begin(State::True, length, depth);
            if !self.condition("\\if expression", reading) {
                reading.branches.set_state(State::False);
            }
        } else {
            reading.branches.begin(State::Ignored, length, depth);
            pass_words(reading);
        }
    }

    /// Whether the rest of the line says yes.
    fn condition(&self, title: &str, reading: &mut Reading) -> bool {
        let mut words = Vec::new();
        while let Some(word) = self.text(reading, false) {
            words.push(word);
        }
        let text = words.join(" ");
        parse_switch(&text).unwrap_or_else(|| {
            self.console.voice.error(format_args!(
                "unrecognized value \"{text}\" for \"{title}\": Boolean expected"
            ));
            false
        })
    }

    fn refuse(&self, name: &str, why: &str) -> Outcome {
        self.console.voice.error(format_args!("\\{name}: {why}"));
        Outcome::Failed
    }
}

/// A branch ends, and another one begins.
fn leave(reading: &mut Reading, was_active: bool) {
    if was_active {
        let (length, depth) = (reading.statement.len(), reading.scanner.depth());
        reading.branches.keep(length, depth);
    } else {
        forget(reading);
    }
}

/// What was read of a statement in a branch that was not taken is gone.
fn forget(reading: &mut Reading) {
    if let Some((length, depth)) = reading.branches.kept() {
        if reading.statement.is_char_boundary(length) {
            reading.statement.truncate(length);
        }
        reading.scanner.set_depth(depth);
    }
}

fn pass_words(reading: &mut Reading) {
    while let Ok(Some(_)) = reading.scanner.next_word(None, false) {}
}
