//! The users that every cluster has, one for each way to log in with a password.
//!
//! PostgreSQL manual: [Authentication Methods](https://www.postgresql.org/docs/current/auth-methods.html).

use std::fmt::Write as _;

/// The superuser. Logs in without a password, through the Unix socket only.
pub use dblink_throwaway::SUPERUSER;

/// A user who logs in without a password.
pub const TRUST_USER: &str = "trust_user";

/// A user whom the server asks for an MD5 hash, and whose password is stored as one.
pub const MD5_USER: &str = "md5_user";
/// The password of [`MD5_USER`].
pub const MD5_PASSWORD: &str = "md5-secret";

/// A user whom the server asks for SCRAM-SHA-256.
pub const SCRAM_USER: &str = "scram_user";
/// The password of [`SCRAM_USER`].
pub const SCRAM_PASSWORD: &str = "scram-secret";

/// A user whom the server asks for the password itself.
pub const CLEARTEXT_USER: &str = "cleartext_user";
/// The password of [`CLEARTEXT_USER`].
pub const CLEARTEXT_PASSWORD: &str = "cleartext-secret";

/// How the users log in.
const METHODS: [(&str, &str); 4] = [
    (TRUST_USER, "trust"),
    (MD5_USER, "md5"),
    (SCRAM_USER, "scram-sha-256"),
    (CLEARTEXT_USER, "password"),
];

/// The statements that make them.
pub(crate) fn create() -> String {
    format!(
        "create role {TRUST_USER} login; \
         set password_encryption = 'md5'; \
         create role {MD5_USER} login password '{MD5_PASSWORD}'; \
         set password_encryption = 'scram-sha-256'; \
         create role {SCRAM_USER} login password '{SCRAM_PASSWORD}'; \
         create role {CLEARTEXT_USER} login password '{CLEARTEXT_PASSWORD}'"
    )
}

/// The `pg_hba.conf` that lets them in, after `first`, since the first line that matches is taken.
pub(crate) fn hba(first: &[String]) -> String {
    let mut text = String::new();
    for line in first {
        writeln!(text, "{line}").unwrap();
    }
    // Not over TCP: every user of the machine could become the server's user there.
    writeln!(text, "local all {SUPERUSER} trust").unwrap();
    for (user, method) in METHODS {
        writeln!(text, "local all {user} {method}").unwrap();
        writeln!(text, "host all {user} 127.0.0.1/32 {method}").unwrap();
    }
    text
}

/// What PgBouncer is told of them: with the passwords it lets them in, and logs in to the server.
///
/// PgBouncer manual: [Authentication file format](https://www.pgbouncer.org/config.html#authentication-file-format).
pub(crate) fn userlist() -> String {
    [
        (SUPERUSER, ""),
        (TRUST_USER, ""),
        (MD5_USER, MD5_PASSWORD),
        (SCRAM_USER, SCRAM_PASSWORD),
        (CLEARTEXT_USER, CLEARTEXT_PASSWORD),
    ]
    .map(|(user, password)| format!("\"{user}\" \"{password}\"\n"))
    .concat()
}
