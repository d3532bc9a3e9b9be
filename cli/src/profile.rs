//! Profiles: connection options that have a name, in a file like libpq's service file.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use dblink_engine::conninfo::{Conninfo, Environment as _, Keyword, ProcessEnvironment};

use crate::failure::Failure;

/// The variable that says where the file is.
const VARIABLE: &str = "DBLINK_PROFILES";

/// The options that say: this profile. The engine reads a profile as it reads a service.
///
/// PostgreSQL manual: [The Connection Service File](https://www.postgresql.org/docs/current/libpq-pgservice.html).
///
/// # Errors
///
/// [`Failure::NoConnection`] if there is no such profile; [`Failure::Usage`] if the file cannot be read, or has secrets that
/// others can read.
pub(crate) fn look_up(name: &str) -> Result<Conninfo, Failure> {
    let Some(file) = file() else {
        return Err(unknown(name, "there is no home folder to look for profiles in"));
    };
    let shown = file.display();
    let content = match fs::read(&file) {
        Ok(content) => content,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(unknown(name, format_args!("there is no file \"{shown}\"")));
        }
        Err(error) => return Err(Failure::io(format_args!("read \"{shown}\""), &error)),
    };
    let content = String::from_utf8_lossy(&content);
    let names = names(&content);
    if !names.contains(&name) {
        let names = match &*names {
            [] => "none".to_owned(),
            names => names.join(", "),
        };
        return Err(unknown(name, format_args!("\"{shown}\" has {names}")));
    }
    if has_secret(&content) && is_open_to_others(&file) {
        return Err(Failure::Usage(format!(
            "profile file \"{shown}\" has a password, and group or world access; permissions should be u=rw (0600) or less"
        )));
    }
    Ok(Conninfo::new().service(name).servicefile(file))
}

fn unknown(name: &str, why: impl std::fmt::Display) -> Failure {
    Failure::NoConnection(format!("no profile is named \"{name}\": {why}"))
}

/// Where profiles are.
fn file() -> Option<PathBuf> {
    let filled = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    filled(VARIABLE).or_else(|| {
        // A relative path is none there, as the XDG Base Directory Specification has it.
        let folder = filled("XDG_CONFIG_HOME").filter(|folder| folder.is_absolute());
        let folder = folder.or_else(|| {
            let home = filled("HOME").or_else(|| Some(ProcessEnvironment.account().ok()?.home));
            Some(home?.join(".config"))
        });
        Some(folder?.join("dblink").join("profiles"))
    })
}

/// The names of the groups.
fn names(content: &str) -> Vec<&str> {
    content
        .lines()
        .filter_map(|line| Some(line.trim().strip_prefix('[')?.split_once(']')?.0))
        .collect()
}

/// Whether any profile has a secret.
fn has_secret(content: &str) -> bool {
    let options = content.lines().filter_map(|line| line.trim().split_once('='));
    options
        .filter_map(|(name, value)| Some((Keyword::from_name(name)?, value)))
        .any(|(keyword, value)| keyword.is_secret() && !value.is_empty())
}

fn is_open_to_others(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}
