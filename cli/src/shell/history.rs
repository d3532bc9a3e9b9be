//! The file of what was typed.

use std::env;
use std::fs;
use std::path::PathBuf;

/// Where it is; none if there is no home.
pub(super) fn file() -> Option<PathBuf> {
    if let Some(file) = env::var_os("DBLINK_HISTORY") {
        return (!file.is_empty()).then(|| file.into());
    }
    let state = env::var_os("XDG_STATE_HOME").map(PathBuf::from);
    let state = state.filter(|folder| folder.is_absolute());
    let state = state.or_else(|| Some(env::home_dir()?.join(".local/state")))?;
    let folder = state.join("dblink");
    // Where it cannot be made, there is no history.
    fs::create_dir_all(&folder).ok()?;
    Some(folder.join("history"))
}

/// Whether there may be a password in it.
pub(super) fn is_secret(text: &str) -> bool {
    let text = text.to_lowercase();
    let words = [
        "password",
        "passwd",
        "secret",
        "scram_client_key",
        "scram_server_key",
    ];
    if words.iter().any(|word| text.contains(word)) {
        return true;
    }
    // postgresql://user:password@host
    text.match_indices("://").any(|(at, found)| {
        let behind = text.get(at + found.len()..).unwrap_or_default();
        let end = behind
            .find(['/', '?', '\'', '"', ' ', '\n'])
            .unwrap_or(behind.len());
        let authority = behind.get(..end).unwrap_or_default();
        authority
            .rfind('@')
            .is_some_and(|at| authority.get(..at).is_some_and(|user| user.contains(':')))
    })
}

#[cfg(test)]
mod tests {
    use super::is_secret;

    #[test]
    fn what_has_a_password_in_it_is_secret() {
        for text in [
            "select dblink_connect('a', 'host=x password=y')",
            "select dblink_connect('a', 'host=x PASSWORD = y')",
            "select dblink_connect('postgresql://scott:tiger@db/sales')",
            "select dblink_connect('postgres://scott:ti%20ger@db')",
            "create user mapping for u server s options (user 'u', password 'p')",
            "alter role u password 'p'",
        ] {
            assert!(is_secret(text), "{text}");
        }
        for text in [
            "select dblink_connect('a', 'host=x')",
            "select dblink_connect('postgresql://scott@db:5432/sales')",
            "select dblink_connect('postgresql://db:5432/sales'), '@'",
            "select 1",
        ] {
            assert!(!is_secret(text), "{text}");
        }
    }
}
