//! Both side by side.

use crate::call::{Function, Step};
use crate::differences::Difference;
use crate::outcome::Outcome;
use crate::place::Place;
use crate::sequence::Sequence;

/// A step of which the two do not give the same.
pub(crate) struct Found {
    sequence: String,
    step: String,
    in_c: String,
    ours: String,
}

/// Compares the outcomes of a sequence, step by step. A call that cannot be made in Rust is passed over.
pub(crate) fn differences(sequence: &Sequence, in_c: &[Outcome], ours: &[Option<Outcome>]) -> Vec<Found> {
    let steps = sequence
        .steps
        .iter()
        .filter(|step| !matches!(step, Step::Until(_)));
    assert_eq!(in_c.len(), ours.len(), "{}", sequence.name);
    let mut found = Vec::new();
    for (step, (in_c, ours)) in steps.zip(in_c.iter().zip(ours)) {
        let Some(ours) = ours else { continue };
        let [in_c, ours] = [in_c, ours].map(|outcome| normalised(step, outcome));
        if in_c != ours {
            found.push(Found {
                sequence: sequence.name.clone(),
                step: step.to_string(),
                in_c: in_c.to_string(),
                ours: ours.to_string(),
            });
        }
    }
    found
}

/// Without what cannot be the same: the process that has sent a notification, and notices of the remote server, which
/// PostgreSQL's own module writes to its server's log.
fn normalised(step: &Step, outcome: &Outcome) -> Outcome {
    let mut outcome = outcome.clone();
    outcome.remote_notices.clear();
    if let Step::Call(call) = step
        && let Function::GetNotify { .. } = call.function
    {
        for row in outcome.rows.iter_mut().flatten() {
            row[1] = Some("a process".to_owned());
        }
    }
    outcome
}

/// What is wrong unless the differences are those that are known.
pub(crate) fn check(group: &str, place: &Place, found: &[Found], known: &[&Difference]) -> String {
    let version = place.cluster.version();
    let known = known
        .iter()
        .copied()
        .filter(|known| known.groups.contains(&group) && known.versions.contains(&version));
    let mut known: Vec<_> = known.map(|known| (known, 0)).collect();
    let mut text = String::new();
    for found in found {
        match known.iter_mut().find(|(known, _)| found.is(known, place)) {
            Some((_, times)) => *times += 1,
            None => {
                text += &format!(
                    "\nin: {}\n  {}\n  C:\n{}  ours:\n{}",
                    found.sequence, found.step, found.in_c, found.ours
                );
            }
        }
    }
    for (known, times) in known {
        println!("{times} times {:?}: {}", known.verdict, known.reason);
        if times == 0 {
            text += &format!("\nthere is no such difference any more: {known:?}\n");
        }
    }
    text
}

impl Found {
    fn is(&self, known: &Difference, place: &Place) -> bool {
        let matches = |pattern: &str, text: &str| {
            let pattern = place.expand(pattern);
            matches(&pattern, text)
        };
        matches(known.sequence, &self.sequence)
            && matches(known.step, &self.step)
            && matches(known.in_c, &self.in_c)
            && matches(known.ours, &self.ours)
    }
}

/// Whether a text holds the pieces of a pattern between asterisks, in their order.
fn matches(pattern: &str, text: &str) -> bool {
    let mut rest = text;
    pattern.split('*').all(|piece| match rest.split_once(piece) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

#[test]
fn a_pattern_is_held_by_a_text_in_its_order() {
    assert!(matches("", "abc"));
    assert!(matches("b", "abc"));
    assert!(matches("a*c", "abc"));
    assert!(!matches("c*a", "abc"));
    assert!(!matches("a*a", "abc"));
}
