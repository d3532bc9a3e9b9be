//! A made-up world, and what libpq and we make of connection strings in it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::{Command, Stdio};

use dblink_engine::conninfo::{
    Account, AccountError, Config, Conninfo, Environment, HostSpec, Keyword, ProcessEnvironment, ResolveError,
};

use super::parse::is_same_message;

/// Environment variables. The user is that of the process.
#[derive(Debug, Clone, Default)]
pub(crate) struct World(pub(crate) BTreeMap<&'static str, Vec<u8>>);

impl World {
    pub(crate) fn new(variables: &[(&'static str, &str)]) -> Self {
        let variables = variables
            .iter()
            .map(|(name, value)| (*name, value.as_bytes().to_vec()));
        Self(variables.collect())
    }

    pub(crate) fn set(&mut self, name: &'static str, value: impl AsRef<[u8]>) {
        self.0.insert(name, value.as_ref().to_vec());
    }

    /// Asks libpq, in a process of its own. Gives an answer for each text, and what it wrote to the standard error
    /// output.
    pub(crate) fn ask_libpq(&self, mode: &str, texts: &[Vec<u8>]) -> (Vec<Answer>, String) {
        use std::os::unix::ffi::OsStrExt;
        let variables = self.0.iter();
        let variables = variables.map(|(name, value)| (*name, std::ffi::OsStr::from_bytes(value)));
        let mut child = Command::new(env!("CARGO_BIN_EXE_resolve"))
            .arg(mode)
            .env_clear()
            .envs(variables)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        for text in texts {
            assert!(!text.contains(&0));
            input.write_all(text).unwrap();
            input.write_all(&[0]).unwrap();
        }
        drop(input);
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let answers = String::from_utf8(output.stdout).unwrap();
        let answers: Vec<_> = answers.split_terminator("\n\n").map(Answer::new).collect();
        assert_eq!(answers.len(), texts.len());
        (answers, String::from_utf8(output.stderr).unwrap())
    }

    /// Asks both about each text, and compares. Gives what was found out.
    #[track_caller]
    pub(crate) fn assert_same(&self, texts: &[Vec<u8>]) -> Tally {
        let (answers, _) = self.ask_libpq("start", texts);
        let mut tally = Tally::default();
        for (text, answer) in texts.iter().zip(answers) {
            let ours = match Conninfo::parse(text) {
                Ok(conninfo) => conninfo.resolve(self).map_err(Refusal::Resolve),
                Err(error) => Err(Refusal::Parse(error.to_string())),
            };
            tally.compare(self, text, ours, &answer);
        }
        tally
    }

    /// The same with pairs of keyword and value.
    #[track_caller]
    pub(crate) fn assert_same_pairs(&self, lists: &[Vec<(String, String)>]) -> Tally {
        let texts = lists.iter().map(|pairs| {
            let items: Vec<_> = pairs
                .iter()
                .flat_map(|(keyword, value)| [&**keyword, &**value])
                .collect();
            items.join("\x01").into_bytes()
        });
        let texts: Vec<_> = texts.collect();
        let (answers, _) = self.ask_libpq("pairs", &texts);
        let mut tally = Tally::default();
        for ((pairs, text), answer) in lists.iter().zip(&texts).zip(answers) {
            let pairs = pairs.iter().map(|(keyword, value)| (keyword, value));
            let ours = match Conninfo::from_pairs(pairs) {
                Ok(conninfo) => conninfo.resolve(self).map_err(Refusal::Resolve),
                Err(error) => Err(Refusal::Parse(error.to_string())),
            };
            tally.compare(self, text, ours, &answer);
        }
        tally
    }
}

impl Environment for World {
    fn variable(&self, name: &str) -> Option<Vec<u8>> {
        self.0.get(name).cloned()
    }

    fn account(&self) -> Result<Account, AccountError> {
        ProcessEnvironment.account()
    }
}

/// Why we refuse.
pub(crate) enum Refusal {
    Parse(String),
    Resolve(ResolveError),
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Parse(text) => f.write_str(text),
            Self::Resolve(error) => error.fmt(f),
        }
    }
}

/// What libpq told.
#[derive(Debug)]
pub(crate) struct Answer(BTreeMap<String, String>);

/// What libpq says of a host that it has tried or looked at: the options are all right then.
const TRIED: [&str; 5] = [
    "connection to server ",
    "could not translate host name ",
    "could not parse network address ",
    "Unix-domain socket path ",
    "invalid port number: ",
];

impl Answer {
    fn new(lines: &str) -> Self {
        let lines = lines.lines().map(|line| line.split_once('\t').unwrap());
        Self(
            lines
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        )
    }

    /// What libpq says against the options. Some of it comes only when it connects, behind other messages.
    pub(crate) fn refusal(&self) -> Option<Vec<u8>> {
        let error = self.error()?;
        let text = String::from_utf8_lossy(&error);
        if let Some(at) = text.find("invalid integer value ") {
            return Some(text[at..].lines().next().unwrap().as_bytes().to_vec());
        }
        (!TRIED.iter().any(|start| text.starts_with(start))).then_some(error)
    }

    /// Why libpq did not connect, if it did not.
    pub(crate) fn error(&self) -> Option<Vec<u8>> {
        self.0.get("error").map(|error| unescape(error))
    }

    fn options(&self) -> BTreeMap<&str, &str> {
        let options = self.0.iter();
        let options =
            options.filter_map(|(name, value)| Some((name.strip_prefix("option ")?, value.as_str())));
        options.collect()
    }

    /// Whether this is the host that libpq has come to.
    fn is_at(&self, host: &HostSpec) -> bool {
        let name = if host.host.is_empty() {
            &host.hostaddr
        } else {
            &host.host
        };
        let password = host
            .password
            .as_ref()
            .map_or(&b""[..], |password| password.secret.expose());
        let port = unescape(&self.0["port"]);
        let port = String::from_utf8(port).unwrap();
        let is_port = match &host.port {
            Ok(number) => port.trim().parse() == Ok(*number),
            Err(error) => error.to_string() == format!("invalid port number: \"{port}\""),
        };
        self.0["host"] == name.as_bytes().escape_ascii().to_string()
            && self.0["password"] == password.escape_ascii().to_string()
            && is_port
    }
}

/// Undoes `escape_ascii`.
fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        match rest.next().unwrap() {
            b't' => bytes.push(b'\t'),
            b'n' => bytes.push(b'\n'),
            b'r' => bytes.push(b'\r'),
            b'x' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                bytes.push(u8::from_str_radix(str::from_utf8(&digits).unwrap(), 16).unwrap());
            }
            other => bytes.push(other),
        }
    }
    bytes
}

/// How often both agreed, and how.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    pub(crate) accepted: usize,
    pub(crate) refused: usize,
    /// Messages, without what differs from case to case.
    pub(crate) messages: BTreeSet<String>,
    /// Numbers that we check at once and libpq later, and what is not UTF-8.
    pub(crate) only_ours: usize,
}

impl Tally {
    pub(crate) fn add(&mut self, other: Self) {
        self.accepted += other.accepted;
        self.refused += other.refused;
        self.only_ours += other.only_ours;
        self.messages.extend(other.messages);
    }

    #[track_caller]
    fn compare(&mut self, world: &World, text: &[u8], ours: Result<Config, Refusal>, answer: &Answer) {
        let shown = text.escape_ascii();
        match (ours, answer.refusal()) {
            (Ok(config), None) => {
                let options = config
                    .settings()
                    .filter(|setting| setting.keyword() != Keyword::Servicefile);
                let options: BTreeMap<_, _> = options
                    .map(|setting| {
                        (
                            setting.keyword().name(),
                            setting.expose().escape_ascii().to_string(),
                        )
                    })
                    .collect();
                let options: BTreeMap<_, _> = options.iter().map(|(name, value)| (*name, &**value)).collect();
                assert_eq!(options, answer.options(), "{shown} in {world:?}");
                assert!(
                    config.hosts.iter().any(|host| answer.is_at(host)),
                    "{shown} in {world:?}\n ours: {:?}\n libpq: {answer:?}",
                    config.hosts
                );
                self.accepted += 1;
            }
            (
                Err(Refusal::Resolve(ResolveError::InvalidInteger { .. } | ResolveError::NotUtf8 { .. })),
                None,
            ) => {
                self.only_ours += 1;
            }
            (Err(ours), Some(theirs)) if is_same_message(&ours.to_string(), &theirs) => {
                self.refused += 1;
                let quoted = ours.to_string();
                let words = quoted.split('"').step_by(2).collect::<Vec<_>>().join("…");
                self.messages.insert(words);
            }
            // Which of several numbers is the first to be looked at depends on how far libpq gets.
            (Err(Refusal::Resolve(ResolveError::InvalidInteger { .. })), Some(theirs))
                if theirs.starts_with(b"invalid integer value ") =>
            {
                self.only_ours += 1;
            }
            (ours, theirs) => panic!(
                "{shown} in {world:?}\n ours: {}\n libpq: {:?}",
                ours.map_or_else(|refusal| refusal.to_string(), |config| format!("{config:?}")),
                theirs.map(|text| String::from_utf8_lossy(&text).into_owned())
            ),
        }
    }
}
