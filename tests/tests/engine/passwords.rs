//! Every way to log in, by connection string.
//!
//! PostgreSQL manual: [Authentication Methods](https://www.postgresql.org/docs/current/auth-methods.html).

use std::path::Path;

use base64::Engine as _;
use dblink_engine::connection::Connection;
use dblink_engine::conninfo::{Conninfo, Environment, ProcessEnvironment};
use dblink_engine::net::ConnectError;
use dblink_protocol::Secret;
use dblink_protocol::auth::scram::KeyDerivation;
use dblink_tests::roles::{
    CLEARTEXT_PASSWORD, CLEARTEXT_USER, MD5_PASSWORD, MD5_USER, SCRAM_PASSWORD, SCRAM_USER, SUPERUSER,
    TRUST_USER,
};
use dblink_tests::{Cluster, Files};

use crate::conninfo::{Variables, resolve};
use crate::support::value;

/// The users, with their passwords and the names of their methods in `require_auth`.
const USERS: [(&str, &str, &str); 4] = [
    (TRUST_USER, "", "none"),
    (CLEARTEXT_USER, CLEARTEXT_PASSWORD, "password"),
    (MD5_USER, MD5_PASSWORD, "md5"),
    (SCRAM_USER, SCRAM_PASSWORD, "scram-sha-256"),
];

/// Where a cluster is, over TCP and through its socket.
fn places(cluster: &Cluster) -> [String; 2] {
    let socket = cluster.socket_dir();
    [cluster.host(), socket.to_str().unwrap()]
        .map(|host| format!("host={host} port={} dbname=postgres", cluster.port()))
}

async fn log_in(conninfo: &str) -> Result<Connection, ConnectError> {
    Connection::connect(&resolve(conninfo)).await
}

/// The SQLSTATE and the text of the only attempt's failure.
#[track_caller]
fn refusal(result: Result<Connection, ConnectError>) -> String {
    let error = result.unwrap_err();
    let [attempt] = &error.attempts[..] else {
        panic!("{error}")
    };
    format!("{} {}", error.sqlstate(), attempt.cause)
}

#[tokio::test]
async fn every_method_lets_in_who_has_the_password() {
    let cluster = Cluster::shared();
    for place in places(cluster) {
        for (user, password, _) in USERS {
            let conninfo = format!("{place} user={user} password='{password}'");
            let mut connection = log_in(&conninfo).await.unwrap();
            let query = format!("select (current_user = '{user}')::int");
            assert_eq!(value(&mut connection, &query).await.unwrap(), 1);
        }
    }
}

#[tokio::test]
async fn every_method_keeps_out_who_has_not() {
    let cluster = Cluster::shared();
    for place in places(cluster) {
        for (user, _, method) in USERS {
            let wrong = log_in(&format!("{place} user={user} password=wrong")).await;
            let none = log_in(&format!("{place} user={user}")).await;
            if method == "none" {
                wrong.unwrap();
                none.unwrap();
                continue;
            }
            assert_eq!(
                refusal(wrong),
                format!("28P01 FATAL: password authentication failed for user \"{user}\" (SQLSTATE 28P01)")
            );
            assert_eq!(refusal(none), "28P01 fe_sendauth: no password supplied");
        }
        // A user whom pg_hba.conf does not have.
        let text = refusal(log_in(&format!("{place} user=stranger password=x sslmode=disable")).await);
        assert!(
            text.starts_with("28000 FATAL: no pg_hba.conf entry for host ") && text.contains("\"stranger\""),
            "{text}"
        );
    }
}

/// A list of methods, and whether it lets pass the one that the server asks for.
#[tokio::test]
async fn requirements() {
    let cluster = Cluster::shared();
    for list in [
        "none",
        "password",
        "md5",
        "scram-sha-256",
        "none,scram-sha-256",
        "password,md5",
        "password,md5,scram-sha-256",
        "!none",
        "!password",
        "!md5",
        "!scram-sha-256",
        "!password,!md5",
        "!none,!password,!md5,!scram-sha-256",
    ] {
        for place in places(cluster) {
            for (user, password, method) in USERS {
                let is_listed = list.split(',').any(|item| item.trim_start_matches('!') == method);
                let is_allowed = is_listed != list.starts_with('!');
                let options = format!("user={user} password='{password}' require_auth={list}");
                let result = log_in(&format!("{place} {options}")).await;
                if is_allowed {
                    result.unwrap();
                    continue;
                }
                let request = match method {
                    "none" => "server did not complete authentication",
                    "password" => "server requested a cleartext password",
                    "md5" => "server requested a hashed password",
                    // Of a list without SCRAM, no mechanism at all is one that may be.
                    _ if !list.contains("scram") => "server requested SASL authentication",
                    _ => "server requested SCRAM-SHA-256 authentication",
                };
                assert_eq!(
                    refusal(result),
                    format!("28000 authentication method requirement \"{list}\" failed: {request}"),
                    "{options}"
                );
            }
        }
    }
}

/// The keys that a password leads to serve instead of it; one of them alone does not.
#[tokio::test]
async fn scram_keys() {
    let cluster = Cluster::shared();
    let base64 = base64::engine::general_purpose::STANDARD;
    let stored = cluster.psql(&format!(
        "select split_part(rolpassword, '$', 2) from pg_authid where rolname = '{SCRAM_USER}'"
    ));
    let (iterations, salt) = stored.split_once(':').unwrap();
    let salt = base64.decode(salt).unwrap();
    let keys = KeyDerivation::new(Secret::from(SCRAM_PASSWORD), salt, iterations.parse().unwrap()).run();
    let client = format!("scram_client_key={}", base64.encode(keys.client_key.expose()));
    let server = format!("scram_server_key={}", base64.encode(keys.server_key.expose()));
    let wrong = format!("scram_client_key={}", base64.encode([7; 32]));
    for place in places(cluster) {
        let connect = async |keys: &str| log_in(&format!("{place} user={SCRAM_USER} {keys}")).await;
        connect(&format!("{client} {server}")).await.unwrap();
        connect(&format!("{client} password={SCRAM_PASSWORD}"))
            .await
            .unwrap();
        assert_eq!(
            refusal(connect(&client).await),
            "28P01 a SCRAM client key needs a SCRAM server key or a password beside it"
        );
        let text = refusal(connect(&format!("{wrong} {server}")).await);
        assert!(
            text.starts_with("28P01 FATAL: password authentication failed"),
            "{text}"
        );
    }
}

/// For SCRAM, passwords that Unicode takes for the same are the same; for other methods each byte counts.
#[tokio::test]
async fn passwords_beyond_ascii() {
    let cluster = Cluster::builder().hba("host all all 127.0.0.1/32 md5").start();
    let passwords = [
        // Stored, and given.
        ("p\u{e4}ss w\u{f6}rd", "p\u{e4}ss w\u{f6}rd"),
        ("a\u{a0}b", "a b"),
        ("\u{212b}", "\u{c5}"),
        ("a\u{200b}b", "a b"),
        // Prohibited, so taken as it is.
        ("\u{ff21}\u{221}", "\u{ff21}\u{221}"),
        ("\u{1f600}", "\u{1f600}"),
        (r"it's \ : & = %", r"it's \ : & = %"),
    ];
    let [tcp, _] = places(&cluster);
    for (stored, given) in passwords {
        for method in ["scram-sha-256", "md5"] {
            cluster.psql(&format!(
                "set password_encryption = '{method}'; alter role {SCRAM_USER} password '{}'",
                stored.replace('\'', "''")
            ));
            let connect = async |password: &str| {
                let password = password.replace('\\', r"\\").replace('\'', r"\'");
                let options = format!("require_auth={method} password='{password}'");
                log_in(&format!("{tcp} user={SCRAM_USER} {options}")).await
            };
            connect(stored).await.unwrap();
            match connect(given).await {
                Ok(_) => assert!(method == "scram-sha-256" || stored == given, "{given}"),
                Err(error) => assert!(method == "md5" && stored != given, "{given}: {error}"),
            }
        }
    }
}

/// The server looks at who is at the other end of the socket.
#[tokio::test]
async fn peer() {
    let name = ProcessEnvironment.account().unwrap().name;
    let cluster = Cluster::builder()
        .hba(&format!("local all \"{name}\" peer"))
        .hba(&format!("local all {MD5_USER} peer"))
        .start();
    cluster.psql(&format!("create role \"{name}\" login"));
    let [_, socket] = places(&cluster);
    let mut connection = log_in(&format!("{socket} user={name} require_auth=none"))
        .await
        .unwrap();
    assert_eq!(value(&mut connection, "select 1").await.unwrap(), 1);
    assert_eq!(
        refusal(log_in(&format!("{socket} user={MD5_USER} password={MD5_PASSWORD}")).await),
        format!("28000 FATAL: Peer authentication failed for user \"{MD5_USER}\" (SQLSTATE 28000)")
    );
}

#[tokio::test]
async fn passwords_from_elsewhere() {
    let cluster = Cluster::shared();
    let files = Files::new();
    let port = cluster.port();
    let right = format!(
        "# the first that matches\n127.0.0.1:1:*:*:no\n127.0.0.1:{port}:postgres:{SCRAM_USER}:{SCRAM_PASSWORD}\n\
         *:*:*:*:{MD5_PASSWORD}\n"
    );
    let file = files.write("right", &right, 0o600);
    let open = files.write("open", &right, 0o644);
    let wrong = files.write("wrong", "*:*:*:*:wrong\n", 0o600);
    let [tcp, socket] = places(cluster);

    let connect = async |variables: &[(&str, &str)], conninfo: &str| {
        let environment = Variables(variables);
        let config = Conninfo::parse(conninfo).unwrap().resolve(&environment).unwrap();
        Connection::connect(&config).await
    };
    let scram = format!("{tcp} user={SCRAM_USER}");
    for (variables, options) in [
        (&[][..], format!("passfile={file}")),
        (&[("PGPASSFILE", &*file)], String::new()),
        (&[("PGPASSWORD", SCRAM_PASSWORD)], String::new()),
        // What is given beats the variable, and the variable beats the file.
        (&[("PGPASSWORD", "wrong")], format!("password={SCRAM_PASSWORD}")),
        (&[("PGPASSWORD", SCRAM_PASSWORD)], format!("passfile={wrong}")),
        (&[("PGPASSFILE", &wrong)], format!("passfile={file}")),
    ] {
        connect(variables, &format!("{scram} {options}")).await.unwrap();
    }
    connect(&[], &format!("{socket} user={MD5_USER} passfile={file}"))
        .await
        .unwrap();
    let uri = format!("postgresql://{SCRAM_USER}:{SCRAM_PASSWORD}@127.0.0.1:{port}/postgres");
    connect(&[], &uri).await.unwrap();

    // What others can read is as if it were not there.
    for passfile in [&open, "/nonexistent/passwords"] {
        let result = connect(&[], &format!("{scram} passfile={passfile}")).await;
        assert_eq!(refusal(result), "28P01 fe_sendauth: no password supplied");
    }
    let text = refusal(connect(&[], &format!("{scram} passfile={wrong}")).await);
    assert!(
        text.starts_with("28P01 FATAL: password authentication failed"),
        "{text}"
    );
}

#[tokio::test]
async fn a_password_from_a_file_is_told_with_the_file() {
    let cluster = Cluster::shared();
    let files = Files::new();
    let file = files.write("passwords", "*:*:*:*:not-the-one\n", 0o600);
    let [tcp, _] = places(cluster);
    let connect = async |user: &str| {
        let conninfo = format!("{tcp} user={user} sslmode=disable passfile={file}");
        log_in(&conninfo).await.unwrap_err()
    };
    let error = connect(SCRAM_USER).await;
    let text = error.to_string();
    assert!(
        text.ends_with(&format!("\npassword retrieved from file \"{file}\"")),
        "{text}"
    );
    assert!(!format!("{error:?}{text}").contains("not-the-one"), "{text}");
    assert_eq!(error.attempts[0].password_file.as_deref(), Some(Path::new(&file)));
    // Where the password is not the reason, the file is not told.
    let error = connect(SUPERUSER).await;
    assert_eq!(error.sqlstate().as_str(), "28000");
    assert_eq!(error.attempts[0].password_file, None);
}

#[tokio::test]
async fn the_server_behind_a_socket_must_be_who_it_should() {
    let cluster = Cluster::shared();
    let config = |peer: &str| {
        let [_, socket] = places(cluster);
        resolve(&format!("{socket} user={SUPERUSER} requirepeer={peer}"))
    };
    // It is the end: no other host is tried.
    let mut two = config("nobody_at_all");
    two.hosts.push(two.hosts[0].clone());
    let error = Connection::connect(&two).await.unwrap_err();
    assert_eq!(error.attempts.len(), 1, "{error}");
    let text = error.to_string();
    let actual = text.split('"').rev().nth(1).unwrap();
    assert!(
        text.contains("requirepeer specifies \"nobody_at_all\", but actual peer user name is"),
        "{text}"
    );
    Connection::connect(&config(actual)).await.unwrap();
}
