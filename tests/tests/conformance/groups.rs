//! The sequences, run by PostgreSQL's own module.

use crate::place::Place;
use crate::sequence::Sequence;
use crate::{in_c, known_reports, sequences};

/// Runs a group of sequences by PostgreSQL's own module. With `--nocapture` it shows
/// what the first gives.
fn run(group: &str, sequences: Vec<Sequence>) {
    let mut place = Place::new();
    let mut reports = Vec::new();
    for sequence in &sequences {
        let outcomes = in_c::run(&mut place, sequence);
        println!("{}", sequence.transcript(&outcomes));
        for outcome in outcomes {
            reports.extend(outcome.notices.into_iter().chain(outcome.error));
        }
    }
    known_reports::check(group, &place, &reports);
}

macro_rules! groups {
    ($($group:ident)*) => {
        $(
            #[test]
            fn $group() {
                run(stringify!($group), sequences::$group::sequences());
            }
        )*
    };
}

groups! {
    asynchronous
    builders
    connections
    cursors
    foreign_servers
    names
    notifications
    nulls
    overloads
    passwords
    queries
    remote_errors
    states
}
