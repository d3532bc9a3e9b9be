//! Transcripts.
use crate::place::Place;
use crate::{in_c, sequence::Sequence};

fn show(sequences: Vec<Sequence>) {
    let mut place = Place::new();
    for sequence in sequences {
        let mut text = format!("## {}\n", sequence.name);
        if sequence.user != "postgres" {
            text += &format!("(as {})\n", sequence.user);
        }
        for (step, outcome) in in_c::run(&mut place, &sequence) {
            text += &format!("- {step}\n{outcome}");
        }
        println!("{text}");
    }
}

macro_rules! tests { ($($name:ident),*) => { $( #[test] fn $name() { show(crate::sequences::$name::sequences()); } )* } }
tests!(
    asynchronous,
    builders,
    connections,
    cursors,
    foreign_servers,
    names,
    notifications,
    nulls,
    overloads,
    passwords,
    queries,
    remote_errors,
    states
);
