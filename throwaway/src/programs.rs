//! Where PostgreSQL's programs are.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{self, Path, PathBuf};
use std::process::Command;

/// The environment variable that names the folder of the server to use.
const BINDIR: &str = "DBLINK_PG_BINDIR";

/// What a folder must have to be taken for a server's.
const SERVER_PROGRAMS: [&str; 3] = ["initdb", "pg_ctl", "postgres"];

/// Where packages put their servers when they are not on the path: parent, start of the version's folder, and the
/// folder below that.
const PACKAGES: [(&str, &str, &str); 5] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/usr/libexec", "postgresql", ""),
    ("/opt/homebrew/opt", "postgresql@", "bin"),
    ("/usr/local/opt", "postgresql@", "bin"),
];

/// Where one's own build installs itself.
const OWN_BUILD: &str = "/usr/local/pgsql/bin";

/// PostgreSQL's programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programs {
    /// The folder of `initdb`, `pg_ctl` and `postgres`.
    pub server: PathBuf,
    psql: Option<PathBuf>,
}

/// What of PostgreSQL is not on this machine.
#[derive(Debug, PartialEq, Eq)]
pub struct NotFound {
    missing: String,
}

impl std::fmt::Display for NotFound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}\n\
             \n\
             A PostgreSQL server's programs are needed. `./dev demo` and `./dev test` install them, or by hand:\n\
             \x20 Debian, Ubuntu   apt-get install postgresql postgresql-contrib\n\
             \x20 Fedora, RHEL     dnf install postgresql-server postgresql-contrib\n\
             \x20 Alpine           apk add postgresql postgresql-contrib\n\
             \x20 Arch             pacman -S postgresql\n\
             \x20 macOS            brew install postgresql\n\
             To use another server, set {BINDIR} to the folder of its initdb, pg_ctl and postgres.",
            self.missing
        )
    }
}

impl std::error::Error for NotFound {}

impl Programs {
    /// Finds the programs: in the folder that the environment variable `DBLINK_PG_BINDIR` names, else where
    /// `pg_config --bindir` says, else on the path, else where packages put them, the newest version first.
    ///
    /// # Errors
    ///
    /// There are none. The error's text says how to get them.
    pub fn find() -> Result<Self, NotFound> {
        let asked_for = env::var_os(BINDIR).filter(|folder| !folder.is_empty());
        // They are run in other folders than this.
        let asked_for = asked_for.map(|folder| path::absolute(&folder).unwrap_or_else(|_| folder.into()));
        Self::choose(asked_for.as_deref(), &usual_folders())
    }

    /// The program `psql`, which some packages of the server lack.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn psql(&self) -> Result<&Path, NotFound> {
        self.psql.as_deref().ok_or_else(|| NotFound {
            missing: "there is no psql on this machine".to_owned(),
        })
    }

    /// The path of one of the server's programs.
    pub fn server_program(&self, name: &str) -> PathBuf {
        self.server.join(name)
    }

    fn choose(asked_for: Option<&Path>, usual: &[PathBuf]) -> Result<Self, NotFound> {
        let server = match asked_for {
            Some(folder) => match SERVER_PROGRAMS
                .iter()
                .find(|program| !folder.join(program).is_file())
            {
                // Another server than the one that was asked for would be used in silence.
                Some(program) => {
                    return Err(NotFound {
                        missing: format!("{BINDIR} is {}, which has no {program}.", folder.display()),
                    });
                }
                None => folder.to_owned(),
            },
            None => usual
                .iter()
                .find(|folder| {
                    SERVER_PROGRAMS
                        .iter()
                        .all(|program| folder.join(program).is_file())
                })
                .cloned()
                .ok_or_else(|| NotFound {
                    missing: "there is no PostgreSQL server on this machine".to_owned(),
                })?,
        };
        let psql = std::iter::once(&server)
            .chain(usual)
            .map(|folder| folder.join("psql"))
            .find(|psql| psql.is_file());
        Ok(Self { server, psql })
    }
}

fn usual_folders() -> Vec<PathBuf> {
    let mut folders: Vec<_> = pg_config_bindir().into_iter().collect();
    folders.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    for (parent, prefix, below) in PACKAGES {
        folders.extend(
            versions(Path::new(parent), prefix)
                .into_iter()
                .map(|folder| folder.join(below)),
        );
    }
    folders.push(OWN_BUILD.into());
    folders
}

fn pg_config_bindir() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    let folder = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| folder.trim_end().into())
}

/// The folders in `parent` named `prefix` and a version's number, the newest first.
fn versions(parent: &Path, prefix: &str) -> Vec<PathBuf> {
    let version = |name: &OsStr| name.to_str()?.strip_prefix(prefix)?.parse::<u32>().ok();
    let mut found: Vec<_> = fs::read_dir(parent)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((version(&entry.file_name())?, entry.path())))
        .collect();
    found.sort_unstable_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, path)| path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with empty files of these names in folders of these names.
    fn folder_with(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        folder
    }

    #[test]
    fn a_folder_without_all_programs_is_passed_over() {
        let folder = folder_with(&["client/psql", "server/initdb", "server/pg_ctl", "server/postgres"]);
        let usual = ["client", "server"].map(|name| folder.path().join(name));
        assert_eq!(
            Programs::choose(None, &usual),
            Ok(Programs {
                server: usual[1].clone(),
                psql: Some(usual[0].join("psql")),
            })
        );
    }

    #[test]
    fn the_folder_that_is_asked_for_comes_first_for_psql_too() {
        let folder = folder_with(&[
            "usual/initdb",
            "usual/pg_ctl",
            "usual/postgres",
            "usual/psql",
            "other/initdb",
            "other/pg_ctl",
            "other/postgres",
            "other/psql",
        ]);
        let [usual, other] = ["usual", "other"].map(|name| folder.path().join(name));
        assert_eq!(
            Programs::choose(Some(&other), &[usual]),
            Ok(Programs {
                psql: Some(other.join("psql")),
                server: other,
            })
        );
    }

    #[test]
    fn a_server_without_psql_goes_with_the_machines() {
        let folder = folder_with(&[
            "usual/initdb",
            "usual/pg_ctl",
            "usual/postgres",
            "usual/psql",
            "other/initdb",
            "other/pg_ctl",
            "other/postgres",
        ]);
        let [usual, other] = ["usual", "other"].map(|name| folder.path().join(name));
        assert_eq!(
            Programs::choose(Some(&other), std::slice::from_ref(&usual)),
            Ok(Programs {
                psql: Some(usual.join("psql")),
                server: other,
            })
        );
    }

    #[test]
    fn a_server_does_without_psql() {
        let folder = folder_with(&["initdb", "pg_ctl", "postgres"]);
        let programs = Programs::choose(Some(folder.path()), &[]).unwrap();
        let text = programs.psql().unwrap_err().to_string();
        assert!(text.starts_with("there is no psql on this machine"), "{text}");
    }

    #[test]
    fn what_is_missing_is_named_and_how_to_get_it() {
        let folder = folder_with(&["initdb", "pg_ctl", "psql"]);
        let text = Programs::choose(Some(folder.path()), &[])
            .unwrap_err()
            .to_string();
        assert!(
            text.starts_with(&format!(
                "DBLINK_PG_BINDIR is {}, which has no postgres.",
                folder.path().display()
            )),
            "{text}"
        );
        let text = Programs::choose(None, &[folder.path().to_owned()])
            .unwrap_err()
            .to_string();
        assert!(
            text.starts_with("there is no PostgreSQL server on this machine"),
            "{text}"
        );
        for way in [
            "./dev demo",
            "./dev test",
            "apt-get",
            "dnf",
            "apk",
            "pacman",
            "brew",
            BINDIR,
        ] {
            assert!(text.contains(way), "{way} is not in: {text}");
        }
    }

    #[test]
    fn the_newest_version_comes_first_by_number() {
        let folder = folder_with(&["pg9/x", "pg18/x", "pg10/x", "other/x", "pg/x"]);
        assert_eq!(
            versions(folder.path(), "pg"),
            ["pg18", "pg10", "pg9"].map(|name| folder.path().join(name))
        );
    }
}
