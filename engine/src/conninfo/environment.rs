//! What surrounds a connection: variables, the operating system's user, and where things are installed.

use std::path::{Path, PathBuf};

/// What the options of a connection are completed from. [`ProcessEnvironment`] is the real one.
///
/// ```
/// use dblink_engine::conninfo::{Account, AccountError, Conninfo, Environment};
///
/// /// Nothing but a user: for a server that connects for others.
/// struct Nobody;
///
/// impl Environment for Nobody {
///     fn variable(&self, _: &str) -> Option<Vec<u8>> {
///         None
///     }
///
///     fn account(&self) -> Result<Account, AccountError> {
///         Ok(Account { name: "nobody".into(), home: "/nonexistent".into() })
///     }
/// }
///
/// let config = Conninfo::parse("host=db")?.resolve(&Nobody)?;
/// assert_eq!((config.user.as_str(), config.dbname.as_str()), ("nobody", "nobody"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// PostgreSQL manual: [Environment Variables](https://www.postgresql.org/docs/current/libpq-envars.html).
pub trait Environment {
    /// The value of an environment variable, if it is set, be it to nothing.
    fn variable(&self, name: &str) -> Option<Vec<u8>>;

    /// The operating system's user that the process acts for.
    ///
    /// # Errors
    ///
    /// The system does not know that user, or cannot say.
    fn account(&self) -> Result<Account, AccountError>;

    /// The folder of the server's Unix-domain socket, for a connection without a host. As PostgreSQL comes: `/tmp`.
    fn socket_folder(&self) -> String {
        "/tmp".to_owned()
    }

    /// The folder of the service file for everybody, unless `PGSYSCONFDIR` says where it is. As PostgreSQL comes:
    /// `/usr/local/pgsql/etc`.
    fn configuration_folder(&self) -> PathBuf {
        PathBuf::from("/usr/local/pgsql/etc")
    }
}

/// A user of the operating system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The name, which is the default of `user`.
    pub name: String,
    /// The home folder, if `HOME` does not say it.
    pub home: PathBuf,
}

/// The operating system's user has no name, in libpq's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AccountError {
    /// There is no such user.
    #[error("local user with ID {id} does not exist")]
    Unknown {
        /// Its number.
        id: u32,
    },
    /// The system cannot say.
    #[error("could not look up local user ID {id}: {reason}")]
    Lookup {
        /// Its number.
        id: u32,
        /// Why not.
        reason: String,
    },
}

/// The environment of this process. The user is that of its *effective* user ID, and `USER` does not count.
///
/// What libpq is told when it is compiled is looked for here: the folders of Debian, Red Hat and others if they are
/// there, else those of PostgreSQL as it comes.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProcessEnvironment;

impl Environment for ProcessEnvironment {
    fn variable(&self, name: &str) -> Option<Vec<u8>> {
        std::env::var_os(name).map(std::ffi::OsString::into_encoded_bytes)
    }

    fn account(&self) -> Result<Account, AccountError> {
        let id = nix::unistd::geteuid();
        match nix::unistd::User::from_uid(id) {
            Ok(Some(user)) => Ok(Account {
                name: user.name,
                home: user.dir,
            }),
            Ok(None) => Err(AccountError::Unknown { id: id.as_raw() }),
            Err(error) => Err(AccountError::Lookup {
                id: id.as_raw(),
                reason: error.desc().to_owned(),
            }),
        }
    }

    fn socket_folder(&self) -> String {
        first_folder(&["/var/run/postgresql", "/tmp"]).to_owned()
    }

    fn configuration_folder(&self) -> PathBuf {
        first_folder(&["/etc/postgresql-common", "/usr/local/pgsql/etc"]).into()
    }
}

/// The first folder that is there, or the last one of them.
fn first_folder<'a>(folders: &[&'a str]) -> &'a str {
    let found = folders.iter().find(|folder| Path::new(folder).is_dir());
    found.or_else(|| folders.last()).copied().unwrap_or_default()
}

/// The home folder, if there is one.
pub(super) fn home(environment: &dyn Environment) -> Option<PathBuf> {
    match environment.variable("HOME") {
        Some(home) if !home.is_empty() => Some(path(&home)),
        _ => environment.account().ok().map(|account| account.home),
    }
}

/// The path with these bytes.
pub(super) fn path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

/// The file of that name in the folder. Nothing but a slash comes between them, so that messages have libpq's paths.
pub(super) fn file_in(folder: PathBuf, name: &str) -> PathBuf {
    let mut file = folder.into_os_string();
    file.push("/");
    file.push(name);
    file.into()
}

#[cfg(test)]
pub(super) mod testing {
    use std::collections::HashMap;

    use super::*;

    /// The variables, and a user `scott`.
    #[derive(Default)]
    pub(crate) struct Fixed {
        pub(crate) variables: HashMap<&'static str, Vec<u8>>,
        /// Whether the system does not know its user.
        pub(crate) is_unknown: bool,
    }

    impl Fixed {
        pub(crate) fn new(variables: &[(&'static str, &str)]) -> Self {
            Self {
                variables: variables
                    .iter()
                    .map(|(name, value)| (*name, value.as_bytes().to_vec()))
                    .collect(),
                is_unknown: false,
            }
        }
    }

    impl Environment for Fixed {
        fn variable(&self, name: &str) -> Option<Vec<u8>> {
            self.variables.get(name).cloned()
        }

        fn account(&self) -> Result<Account, AccountError> {
            if self.is_unknown {
                return Err(AccountError::Unknown { id: 4711 });
            }
            Ok(Account {
                name: "scott".into(),
                home: "/nonexistent/scott".into(),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::testing::Fixed;
    use super::*;

    #[test]
    fn the_process_has_a_user_and_variables() {
        let account = ProcessEnvironment.account().unwrap();
        let id = std::process::Command::new("id").arg("-un").output().unwrap();
        assert_eq!(account.name, String::from_utf8(id.stdout).unwrap().trim_end());
        assert_eq!(ProcessEnvironment.variable("DBLINK_NO_SUCH_VARIABLE"), None);
        let path = std::env::var("PATH").unwrap();
        assert_eq!(ProcessEnvironment.variable("PATH"), Some(path.into_bytes()));
    }

    #[test]
    fn home_is_a_variable_first() {
        assert_eq!(home(&Fixed::new(&[("HOME", "/h")])), Some("/h".into()));
        for variables in [&[("HOME", "")][..], &[]] {
            let mut environment = Fixed::new(variables);
            assert_eq!(home(&environment), Some("/nonexistent/scott".into()));
            environment.is_unknown = true;
            assert_eq!(home(&environment), None);
        }
    }

    #[test]
    fn folders_are_looked_for() {
        assert_eq!(first_folder(&["/nonexistent", "/", "/tmp"]), "/");
        assert_eq!(first_folder(&["/nonexistent", "/nowhere"]), "/nowhere");
    }
}
