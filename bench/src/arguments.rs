//! The command line.

use crate::child::{COMMAND, Task};
use crate::client::{Client, Result};
use crate::work::Work;

/// How to use the program.
const USAGE: &str = "usage: dblink-bench [--repeat N] [--no-instructions] [NAME...]\n\
    \n\
    Runs every work with every client N times (3), each in a process of its own, and prints the best figures.\n\
    With names, only these works and clients. `./dev bench sqlx` builds that client in.\n";

/// What the program is asked for.
#[derive(Debug)]
pub(crate) enum Arguments {
    Help,
    /// To do one thing, and to print what it took.
    One(Task),
    Compare(Choice),
}

/// What to compare.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) repeat: u32,
    pub(crate) instructions: bool,
    pub(crate) works: Vec<Work>,
    pub(crate) clients: Vec<Client>,
}

/// The text for [`Arguments::Help`].
pub(crate) fn help() -> String {
    let works = Work::ALL.map(|work| format!("  {:<16}{}\n", work.name(), work.title()));
    let clients = Client::ALL.iter().map(|client| format!("  {}\n", client.name()));
    let clients: String = clients.collect();
    format!("{USAGE}\nworks:\n{}\nclients:\n{clients}", works.concat())
}

/// Reads the command line.
pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Arguments> {
    let mut choice = Choice {
        repeat: 3,
        instructions: true,
        works: Vec::new(),
        clients: Vec::new(),
    };
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "-h" | "--help" => return Ok(Arguments::Help),
            COMMAND => return Ok(Arguments::One(task(arguments)?)),
            "--no-instructions" => choice.instructions = false,
            "--repeat" => {
                let number = arguments.next().and_then(|text| text.parse().ok());
                choice.repeat = number
                    .filter(|number| *number > 0)
                    .ok_or("how often to repeat?")?;
            }
            name => match (work(name), client(name)) {
                (Some(work), _) => choice.works.push(work),
                (_, Some(client)) => choice.clients.push(client),
                _ => return Err(format!("there is no work or client {name}\n\n{}", help()).into()),
            },
        }
    }
    if choice.works.is_empty() {
        choice.works = Work::ALL.to_vec();
    }
    if choice.clients.is_empty() {
        choice.clients = Client::ALL.to_vec();
    }
    Ok(Arguments::Compare(choice))
}

fn task(mut arguments: impl Iterator<Item = String>) -> Result<Task> {
    let mut next = || arguments.next().unwrap_or_default();
    Ok(Task {
        client: client(&next()).ok_or("which client?")?,
        work: work(&next()).ok_or("which work?")?,
        count: next().parse()?,
        port: next().parse()?,
    })
}

fn work(name: &str) -> Option<Work> {
    Work::ALL.into_iter().find(|work| work.name() == name)
}

fn client(name: &str) -> Option<Client> {
    Client::ALL.iter().copied().find(|client| client.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Arguments> {
        super::parse(text.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn names_choose_and_none_means_all() {
        let Arguments::Compare(all) = parse("").unwrap() else {
            panic!("not a comparison");
        };
        assert_eq!(
            (all.works.len(), all.clients.len()),
            (Work::ALL.len(), Client::ALL.len())
        );
        let Arguments::Compare(some) = parse("--repeat 5 text --no-instructions floor dblink").unwrap()
        else {
            panic!("not a comparison");
        };
        let expected = Choice {
            repeat: 5,
            instructions: false,
            works: vec![Work::Text],
            clients: vec![Client::Floor, Client::Dblink],
        };
        assert_eq!(some, expected);
    }

    #[test]
    fn what_is_wrong_is_refused() {
        for text in [
            "--repeat",
            "--repeat 0",
            "nothing",
            "one dblink",
            "one dblink int4 1",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(matches!(parse("one dblink int4 1 2"), Ok(Arguments::One(_))));
    }
}
