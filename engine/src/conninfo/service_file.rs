//! Service files: groups of options under a name.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use super::Keyword;
use super::environment::{Environment, file_in, home, path};
use super::setting::{Setting, Settings, Source};
use super::text::{cut, shown, trim};

/// A service that cannot be looked up, in libpq's words.
///
/// PostgreSQL manual: [The Connection Service File](https://www.postgresql.org/docs/current/libpq-pgservice.html).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// The file that was asked for cannot be opened.
    #[error("service file \"{}\" not found", file.display())]
    FileNotFound {
        /// The file.
        file: PathBuf,
    },
    /// No file has the service.
    #[error("definition of service \"{service}\" not found")]
    Undefined {
        /// The service.
        service: String,
    },
    /// A line has 1023 bytes or more.
    #[error("line {line} too long in service file \"{}\"", file.display())]
    LineTooLong {
        /// The file.
        file: PathBuf,
        /// The line; the first one is 1.
        line: usize,
    },
    /// A service refers to another one.
    #[error("nested service specifications not supported in service file \"{}\", line {line}", file.display())]
    NestedService {
        /// The file.
        file: PathBuf,
        /// The line; the first one is 1.
        line: usize,
    },
    /// A service refers to another file.
    #[error("nested \"servicefile\" specifications not supported in service file \"{}\", line {line}", file.display())]
    NestedFile {
        /// The file.
        file: PathBuf,
        /// The line; the first one is 1.
        line: usize,
    },
    /// A line is no option.
    #[error("syntax error in service file \"{}\", line {line}", file.display())]
    Syntax {
        /// The file.
        file: PathBuf,
        /// The line; the first one is 1.
        line: usize,
    },
}

/// The bytes that a line must stay below, with its end.
const LINE_LIMIT: usize = 1023;

/// Adds the options of the service, if one is asked for, where there are none yet.
pub(super) fn apply(settings: &mut Settings, environment: &dyn Environment) -> Result<(), ServiceError> {
    let given = |keyword, variable| {
        let given = settings
            .get(keyword)
            .map(|setting: &Setting| setting.expose().to_vec());
        given.or_else(|| environment.variable(variable))
    };
    let Some(service) = given(Keyword::Service, "PGSERVICE") else {
        return Ok(());
    };
    let personal = match given(Keyword::Servicefile, "PGSERVICEFILE") {
        Some(file) => Some(path(&file)),
        None => home(environment)
            .map(|home| file_in(home, ".pg_service.conf"))
            .filter(|file| file.exists()),
    };
    let folder = environment.variable("PGSYSCONFDIR");
    let folder = folder.map_or_else(|| environment.configuration_folder(), |folder| path(&folder));
    let common = Some(file_in(folder, "pg_service.conf")).filter(|file| file.exists());
    for file in [personal, common].into_iter().flatten() {
        let opened = File::open(&file).map_err(|_| ServiceError::FileNotFound { file: file.clone() })?;
        if apply_group(BufReader::new(opened), &file, &service, settings)? {
            return Ok(());
        }
    }
    Err(ServiceError::Undefined {
        service: shown(&service),
    })
}

/// Adds the options of the file's first group of that name. Tells whether there is one.
fn apply_group(
    mut reader: impl BufRead,
    file: &Path,
    service: &[u8],
    settings: &mut Settings,
) -> Result<bool, ServiceError> {
    let mut is_found = false;
    let mut buffer = Vec::new();
    for line in 1.. {
        buffer.clear();
        // A file that cannot be read on ends here: a folder, for one, can be opened but not read.
        if read_line(&mut reader, &mut buffer).unwrap_or(0) == 0 {
            break;
        }
        let file = || file.to_owned();
        if buffer.len() >= LINE_LIMIT {
            return Err(ServiceError::LineTooLong { file: file(), line });
        }
        let text = trim(&buffer);
        match text.first() {
            None | Some(b'#') => {}
            Some(b'[') if is_found => break,
            Some(b'[') => is_found = is_group(text, service),
            Some(_) if is_found => {
                let (name, value) = cut(text, |byte| byte == b'=');
                let (Some(value), false) = (value.strip_prefix(b"="), text.contains(&0)) else {
                    return Err(ServiceError::Syntax { file: file(), line });
                };
                match Keyword::from_bytes(name) {
                    Some(Keyword::Service) => return Err(ServiceError::NestedService { file: file(), line }),
                    Some(Keyword::Servicefile) => {
                        return Err(ServiceError::NestedFile { file: file(), line });
                    }
                    Some(keyword) => settings.set_default(keyword, value, Source::Service(file())),
                    None => return Err(ServiceError::Syntax { file: file(), line }),
                }
            }
            Some(_) => {}
        }
    }
    Ok(is_found)
}

/// Reads a line, but no more of it than it takes to see that it is too long.
fn read_line(reader: &mut impl BufRead, buffer: &mut Vec<u8>) -> std::io::Result<usize> {
    let limit = u64::try_from(LINE_LIMIT).unwrap_or(u64::MAX);
    std::io::Read::take(reader, limit).read_until(b'\n', buffer)
}

/// Whether the line begins with the service's name in brackets.
fn is_group(line: &[u8], service: &[u8]) -> bool {
    let name = line
        .strip_prefix(b"[")
        .and_then(|rest| rest.strip_prefix(service));
    name.is_some_and(|rest| rest.first() == Some(&b']'))
}

#[cfg(test)]
mod tests {
    use super::super::environment::testing::Fixed;
    use super::*;

    /// What the service "s" of a file with this content adds.
    fn read(content: &str) -> Result<Option<Vec<(&'static str, String)>>, ServiceError> {
        let mut settings = Settings::default();
        settings.set(Keyword::User, "given", Source::String);
        let is_found = apply_group(content.as_bytes(), Path::new("/f"), b"s", &mut settings)?;
        let added = settings
            .iter()
            .filter(|setting| *setting.source() != Source::String);
        let added = added.map(|setting| (setting.keyword().name(), setting.to_string()));
        Ok(is_found.then(|| added.collect()))
    }

    fn refusal(content: &str) -> String {
        read(content).unwrap_err().to_string()
    }

    fn pairs(pairs: &[(&'static str, &str)]) -> Option<Vec<(&'static str, String)>> {
        Some(
            pairs
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned()))
                .collect(),
        )
    }

    #[test]
    fn the_group_ends_at_the_next_one() {
        let content =
            "port=1\nnonsense\n[a]\nhost=a\n# [s]\n \n  [s] x\nhost=s\nport=2\n[b]\nnonsense\n[s]\nport=3";
        assert_eq!(read(content).unwrap(), pairs(&[("host", "s"), ("port", "2")]));
        assert_eq!(read("[a]\nhost=a\n[ s]\n[S]\n[ss]\n").unwrap(), None);
        assert_eq!(read("[s]").unwrap(), pairs(&[]));
        assert_eq!(read("").unwrap(), None);
    }

    #[test]
    fn a_value_is_all_after_the_equals_sign() {
        let content = "[s]\n\tdbname= 'a=b' # c \r\nport=1\nport=2\nhost=\nuser=ignored\n";
        assert_eq!(
            read(content).unwrap(),
            pairs(&[("dbname", " 'a=b' # c"), ("host", ""), ("port", "1")])
        );
    }

    #[test]
    fn every_line_of_the_group_is_an_option() {
        for line in [
            "nonsense",
            "bogus=1",
            "host =a",
            "HOST=a",
            "requiressl=1",
            "=",
            "ldap://h",
            "user=a\0",
        ] {
            let expected = "syntax error in service file \"/f\", line 3";
            assert_eq!(refusal(&format!("[s]\nport=1\n{line}\n")), expected, "{line}");
        }
    }

    #[test]
    fn services_are_not_nested() {
        assert_eq!(
            refusal("[s]\nservice=t\n"),
            "nested service specifications not supported in service file \"/f\", line 2"
        );
        assert_eq!(
            refusal("[s]\nservicefile=t\n"),
            "nested \"servicefile\" specifications not supported in service file \"/f\", line 2"
        );
    }

    #[test]
    fn lines_are_short() {
        let longest = "x".repeat(LINE_LIMIT - 2);
        assert_eq!(read(&format!("{longest}\n[s]\n")).unwrap(), pairs(&[]));
        for content in [
            format!("#\n{longest}x\n[s]\n"),
            format!("\n{longest}xx"),
            format!("\n{}", " ".repeat(9999)),
        ] {
            assert_eq!(refusal(&content), "line 2 too long in service file \"/f\"");
        }
    }

    #[test]
    fn two_files_are_searched() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        let common = folder.path().join("common");
        std::fs::create_dir(&home).unwrap();
        std::fs::create_dir(&common).unwrap();
        let mine = home.join(".pg_service.conf");
        let other = folder.path().join("other");
        std::fs::write(&mine, "[a]\nhost=mine\n").unwrap();
        std::fs::write(
            common.join("pg_service.conf"),
            "[a]\nhost=common\n[b]\nhost=common\n",
        )
        .unwrap();
        std::fs::write(&other, "[a]\nhost=other\n").unwrap();

        let look_up = |service: &str, file: Option<&Path>, variables: &[(&'static str, &str)]| {
            let mut settings = Settings::default();
            settings.set(Keyword::Service, service, Source::String);
            if let Some(file) = file {
                settings.set(Keyword::Servicefile, file.to_str().unwrap(), Source::String);
            }
            let mut environment = Fixed::new(variables);
            let mut set = |name, path: &Path| {
                environment.variables.insert(name, path.to_str().unwrap().into());
            };
            set("HOME", &home);
            set("PGSYSCONFDIR", &common);
            apply(&mut settings, &environment)?;
            let host = settings.get(Keyword::Host).unwrap();
            Ok::<_, ServiceError>((host.to_string(), host.source().clone()))
        };
        let from = |host: &str, file: &Path| Ok((host.to_owned(), Source::Service(file.to_owned())));
        assert_eq!(look_up("a", None, &[]), from("mine", &mine));
        assert_eq!(
            look_up("b", None, &[]),
            from("common", &common.join("pg_service.conf"))
        );
        let variables = &[("PGSERVICEFILE", "/nonexistent/f"), ("PGSERVICE", "b")];
        assert_eq!(look_up("a", Some(&other), variables), from("other", &other));
        assert_eq!(
            look_up("b", Some(&other), &[]),
            from("common", &common.join("pg_service.conf"))
        );
        assert_eq!(
            look_up("b", Some(folder.path()), &[]),
            from("common", &common.join("pg_service.conf"))
        );
        assert_eq!(
            look_up("b", None, variables).unwrap_err().to_string(),
            "service file \"/nonexistent/f\" not found"
        );
        assert_eq!(
            look_up("c", None, &[]).unwrap_err().to_string(),
            "definition of service \"c\" not found"
        );
    }

    #[test]
    fn a_variable_names_the_service() {
        let mut settings = Settings::default();
        assert_eq!(apply(&mut settings, &Fixed::default()), Ok(()));
        let environment = Fixed::new(&[("PGSERVICE", ""), ("PGSYSCONFDIR", "/nonexistent")]);
        assert_eq!(
            apply(&mut settings, &environment).unwrap_err().to_string(),
            "definition of service \"\" not found"
        );
    }
}
