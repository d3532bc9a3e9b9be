//! `dblink conninfo`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use dblink_engine::conninfo::{Config, Conninfo, Keyword, ProcessEnvironment, Setting, Source};
use serde_json::{Value, json};

use crate::destination::place;
use crate::failure::Failure;
use crate::{listing, profile};

/// Show what a connection string, the environment and files say, and where each value comes from
///
/// Every option that has a value is shown, in libpq's order, and no default. Options take their value from the string, the
/// service file, or the environment; the password at last from the password file, for each host its own.
///
/// If no connection can be made with that, the reason is told in libpq's words, and the exit code is 2.
#[derive(Debug, clap::Args)]
#[command(after_long_help = JSON)]
pub(crate) struct Args {
    /// A connection string, URI or @NAME
    #[arg(value_name = "CONN")]
    pub(crate) string: OsString,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// Show passwords and other secrets, instead of ***
    #[arg(long)]
    pub(crate) show_secrets: bool,
    /// Ignore the environment and files, and look at no value: what libpq's PQconninfoParse does
    #[arg(long)]
    pub(crate) string_only: bool,
    /// Show defaults, too
    #[arg(long, conflicts_with = "string_only")]
    pub(crate) defaults: bool,
}

/// What `--json` prints.
const JSON: &str = "\
JSON: {\"host\": {\"value\": \"db1\", \"source\": \"environment\", \"from\": \"PGHOST\"}, …}
The source is \"string\", \"service\", \"environment\", \"password-file\", \"default\" or \"os-user\"; \"from\" is the file or the \
variable. A value that is not UTF-8 has U+FFFD where it is not, and \"hex\" with its bytes. If there are several hosts and a \
password file, the value of the password is a list, with one for each host, or null.";

/// Runs it.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let string = args.string.as_bytes();
    let given = match string.strip_prefix(b"@") {
        Some(name) => profile::look_up(&String::from_utf8_lossy(name))?,
        None => Conninfo::parse(string)?,
    };
    if args.string_only {
        return print(&Listing::of(given.iter()), args);
    }
    let completed = given.complete(&ProcessEnvironment)?;
    let resolved = given.resolve(&ProcessEnvironment);
    let mut listing = match &resolved {
        Ok(config) if args.defaults => Listing::of(config.settings()),
        _ => Listing::of(
            completed
                .iter()
                .filter(|setting| args.defaults || !is_default(setting)),
        ),
    };
    if let Ok(config) = &resolved {
        for warning in &config.warnings {
            listing::remark(format_args!("warning: {warning}"));
        }
        listing.add_passwords(config);
    }
    print(&listing, args)?;
    // What is wrong with a value is told when all of them are there to be looked at.
    resolved.map(drop).map_err(Failure::from)
}

fn is_default(setting: &Setting) -> bool {
    matches!(setting.source(), Source::Default | Source::OsUser)
}

fn print(listing: &Listing<'_>, args: &Args) -> Result<(), Failure> {
    listing::write(&if args.json {
        listing.json(args.show_secrets)
    } else {
        listing.table(args.show_secrets)
    })
}

/// The options that have a value, in libpq's order.
struct Listing<'a>(BTreeMap<Keyword, Line<'a>>);

struct Line<'a> {
    value: Shape<'a>,
    source: &'a Source,
}

enum Shape<'a> {
    One(&'a [u8]),
    /// One for each host.
    Each(Vec<(String, Option<&'a [u8]>)>),
}

impl<'a> Listing<'a> {
    fn of(settings: impl Iterator<Item = &'a Setting>) -> Self {
        let line = |setting: &'a Setting| {
            let line = Line {
                value: Shape::One(setting.expose()),
                source: setting.source(),
            };
            (setting.keyword(), line)
        };
        Self(settings.map(line).collect())
    }

    /// Adds what the password file says.
    fn add_passwords(&mut self, config: &'a Config) {
        let mut sources = config
            .hosts
            .iter()
            .filter_map(|host| Some(&host.password.as_ref()?.source));
        let Some(source @ Source::PasswordFile(_)) = sources.next() else {
            return;
        };
        let passwords: Vec<_> = config
            .hosts
            .iter()
            .map(|host| {
                (
                    place(host),
                    host.password.as_ref().map(|password| password.secret.expose()),
                )
            })
            .collect();
        let value = match passwords.as_slice() {
            [(_, Some(password))] => Shape::One(password),
            _ => Shape::Each(passwords),
        };
        self.0.insert(Keyword::Password, Line { value, source });
    }

    fn table(&self, show_secrets: bool) -> String {
        let mut rows = Vec::new();
        for (keyword, line) in &self.0 {
            let text = |value: &[u8]| {
                if keyword.is_secret() && !show_secrets {
                    "***".to_owned()
                } else {
                    listing::shown(value)
                }
            };
            let source = match (source_name(line.source), from(line.source)) {
                (name, Some(from)) => format!("{name} {}", listing::shown(from.as_bytes())),
                (name, None) => name.to_owned(),
            };
            match &line.value {
                Shape::One(value) => rows.push([keyword.name().to_owned(), text(value), source]),
                Shape::Each(values) => {
                    for (host, value) in values {
                        let value = value.map_or_else(String::new, text);
                        let option = format!("{} ({})", keyword.name(), listing::shown(host.as_bytes()));
                        rows.push([option, value, source.clone()]);
                    }
                }
            }
        }
        listing::table(["option", "value", "source"], rows)
    }

    /// An option a line. The order is that of the table, which a map of serde_json would not keep.
    fn json(&self, show_secrets: bool) -> String {
        let lines = self.0.iter().map(|(keyword, line)| {
            let masked = keyword.is_secret() && !show_secrets;
            let text = |value: &[u8]| {
                if masked {
                    json!("***")
                } else {
                    json!(String::from_utf8_lossy(value))
                }
            };
            let mut fields = match &line.value {
                Shape::One(value) => {
                    let mut fields = vec![("value", text(value))];
                    if !masked && std::str::from_utf8(value).is_err() {
                        fields.push(("hex", json!(hex(value))));
                    }
                    fields
                }
                Shape::Each(values) => {
                    let values = values.iter().map(|(_, value)| value.map_or(Value::Null, text));
                    vec![("value", values.collect())]
                }
            };
            fields.push(("source", json!(source_name(line.source))));
            fields.extend(from(line.source).map(|from| ("from", json!(from))));
            let fields: Vec<_> = fields
                .iter()
                .map(|(name, value)| format!("{}: {value}", json!(name)))
                .collect();
            format!("\n  {}: {{{}}}", json!(keyword.name()), fields.join(", "))
        });
        let lines: Vec<_> = lines.collect();
        if lines.is_empty() {
            return "{}\n".to_owned();
        }
        format!("{{{}\n}}\n", lines.join(","))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

const fn source_name(source: &Source) -> &'static str {
    match source {
        Source::Service(_) => "service",
        Source::Environment(_) => "environment",
        Source::PasswordFile(_) => "password-file",
        Source::Default => "default",
        Source::OsUser => "os-user",
        // A profile's options say its name and its file in place of the string.
        _ => "string",
    }
}

/// Where exactly.
fn from(source: &Source) -> Option<String> {
    let path = |path: &Path| Some(path.display().to_string());
    match source {
        Source::Service(file) | Source::PasswordFile(file) => path(file),
        Source::Environment(variable) => Some((*variable).to_owned()),
        _ => None,
    }
}
