//! The sequences, run by both.

use dblink_engine::session::Compat;

use crate::differences::{ALWAYS, EXACT, MENDED};
use crate::place::Place;
use crate::sequence::Sequence;
use crate::{compare, in_c, known_reports, ours, sequences};

/// Runs a group of sequences by PostgreSQL's own module, by ours, and by ours in exact imitation. With `--nocapture` it shows
/// what the first gives.
fn run(group: &str, sequences: Vec<Sequence>) {
    let mut place = Place::new();
    let mut reports = Vec::new();
    let (mut mended, mut exact) = (Vec::new(), Vec::new());
    for sequence in &sequences {
        let outcomes = in_c::run(&mut place, sequence);
        println!("{}", sequence.transcript(&outcomes));
        let ours = ours::run(&mut place, sequence, Compat::Mended);
        mended.extend(compare::differences(sequence, &outcomes, &ours));
        let ours = ours::run(&mut place, sequence, Compat::Exact);
        exact.extend(compare::differences(sequence, &outcomes, &ours));
        for outcome in outcomes {
            reports.extend(outcome.notices.into_iter().chain(outcome.error));
        }
    }
    known_reports::check(group, &place, &reports);
    let known = |own| ALWAYS.iter().chain(own).collect::<Vec<_>>();
    let mended = compare::check(group, &place, &mended, &known(MENDED));
    let exact = compare::check(group, &place, &exact, &known(EXACT));
    assert!(
        mended.is_empty() && exact.is_empty(),
        "{group}, PostgreSQL {}, mended:\n{mended}\nexact:\n{exact}",
        place.cluster.version()
    );
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
