//! Which kinds of encryption are tried at a server, in which order, and what ends the search.
//!
//! Scripted servers take note of what libpq does and of what we do with the same connection string.
//!
//! PostgreSQL manual: [SSL Support](https://www.postgresql.org/docs/current/libpq-ssl.html).

mod authentication;
mod beyond;
mod clients;
mod encryption;
mod options;
mod script;
mod server;
mod session_attrs;

use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use dblink_tests::tls::Certificates;
use tempfile::TempDir;

use clients::Outcome;
use script::{Identities, Script};
use server::{Record, Server};

/// Every way to want encryption.
const WAYS: [&str; 9] = [
    "sslmode=disable",
    "sslmode=allow",
    "sslmode=prefer",
    "sslmode=require",
    "sslmode=verify-ca",
    "sslmode=verify-full",
    "sslmode=require sslnegotiation=direct",
    "sslmode=verify-ca sslnegotiation=direct",
    "sslmode=verify-full sslnegotiation=direct",
];

/// What a client did, at each of its hosts, and what came of it.
#[derive(Debug, PartialEq, Eq)]
struct Course {
    records: Vec<Record>,
    outcome: Outcome,
}

/// Servers to connect to, and how.
#[derive(Clone)]
struct Case {
    name: String,
    /// One for each host, in the order of the list.
    hosts: Vec<Script>,
    /// What stands in the connection string besides the hosts and the way.
    options: String,
}

/// A difference between libpq and us.
struct Difference {
    case: String,
    libpq: Course,
    ours: Course,
}

impl Case {
    /// One host.
    fn new(name: &str, script: Script) -> Self {
        Self {
            name: name.into(),
            hosts: vec![script],
            options: format!("sslrootcert={}", pki().root()),
        }
    }

    /// The same with these options besides.
    fn with(mut self, options: &str) -> Self {
        self.name = format!("{}, {options}", self.name);
        self.options = format!("{} {options}", self.options);
        self
    }

    /// The same with a second host that lets everybody in.
    fn with_another_host(mut self) -> Self {
        self.name = format!("{}, two hosts", self.name);
        self.hosts.push(Script::welcoming());
        self
    }

    /// What both clients do, each with servers of its own.
    fn play(&self, ways: &[&str]) -> Vec<(String, Course, Course)> {
        let theirs = self.courses(ways, clients::libpq);
        let ours = self.courses(ways, clients::ours);
        let names = ways.iter().map(|way| format!("{}, {way}", self.name));
        let courses = names.zip(theirs).zip(ours);
        courses
            .map(|((name, theirs), ours)| (name, theirs, ours))
            .collect()
    }

    fn courses(&self, ways: &[&str], client: fn(&[String]) -> Vec<Outcome>) -> Vec<Course> {
        let start = |script| Server::start(script, &pki().identities);
        let servers: Vec<Vec<_>> = ways
            .iter()
            .map(|_| self.hosts.iter().map(start).collect())
            .collect();
        let conninfos: Vec<_> = ways
            .iter()
            .zip(&servers)
            .map(|(way, servers)| {
                let list = |item: fn(&Server) -> String| {
                    let items: Vec<_> = servers.iter().map(item).collect();
                    items.join(",")
                };
                format!(
                    "host={} hostaddr={} port={} user=u dbname=d connect_timeout=10 {way} {}",
                    list(|_| "localhost".into()),
                    list(|_| "127.0.0.1".into()),
                    list(|server| server.port().to_string()),
                    self.options
                )
            })
            .collect();
        let outcomes = client(&conninfos);
        let records = servers
            .into_iter()
            .map(|servers| servers.into_iter().map(Server::finish).collect());
        let courses = records.zip(outcomes);
        courses
            .map(|(records, outcome)| Course { records, outcome })
            .collect()
    }
}

/// Plays all cases in every way, and reports all differences in one table.
#[track_caller]
fn assert_same(cases: impl IntoIterator<Item = Case>) {
    assert_same_in(&WAYS, cases);
}

/// The same in other ways.
#[track_caller]
fn assert_same_in(ways: &[&str], cases: impl IntoIterator<Item = Case>) {
    let mut count = 0;
    let mut connected = 0;
    let mut differences = Vec::new();
    for case in cases {
        for (case, libpq, ours) in case.play(ways) {
            count += 1;
            connected += usize::from(libpq.outcome == Outcome::Connected);
            if libpq != ours {
                differences.push(Difference { case, libpq, ours });
            }
        }
    }
    println!("{count} cases, {connected} of them connect");
    assert!((1..count).contains(&connected));
    assert!(differences.is_empty(), "{}", table(&differences, count));
}

fn table(differences: &[Difference], count: usize) -> String {
    let mut table = format!("{} of {count} cases differ:\n", differences.len());
    for Difference { case, libpq, ours } in differences {
        writeln!(table, "{case}\n  libpq {libpq}\n  ours  {ours}").unwrap();
    }
    table
}

impl std::fmt::Display for Course {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (host, record) in self.records.iter().enumerate() {
            for connection in record {
                write!(f, "[host {}: {}] ", host + 1, connection.join(", "))?;
            }
        }
        write!(f, "=> {:?}", self.outcome)
    }
}

/// The certificates of this process's servers.
struct Pki {
    folder: TempDir,
    identities: Arc<Identities>,
}

impl Pki {
    /// The file of the authority that clients trust.
    fn root(&self) -> String {
        self.folder.path().join("root.pem").to_str().unwrap().into()
    }
}

fn pki() -> &'static Pki {
    static PKI: OnceLock<Pki> = OnceLock::new();
    PKI.get_or_init(|| {
        let right = Certificates::for_names(&["localhost"]);
        let other_host = Certificates::for_names(&["elsewhere.example"]);
        let folder = TempDir::new().unwrap();
        let trusted = [&*right.ca_pem, &*other_host.ca_pem].concat();
        std::fs::write(folder.path().join("root.pem"), trusted).unwrap();
        Pki {
            folder,
            identities: Arc::new(Identities {
                right,
                other_host,
                stranger: Certificates::for_names(&["localhost"]),
            }),
        }
    })
}
