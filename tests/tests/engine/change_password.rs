//! Changing passwords.

use dblink_engine::connection::{Connection, OpenError};
use dblink_protocol::Secret;
use dblink_protocol::handshake::HandshakeConfig;
use dblink_tests::{Cluster, roles};

use crate::polls::drop_at_every_poll;
use crate::support::{config, unix, value};

/// Whom the server asks for a password, however it is stored.
fn cluster() -> Cluster {
    Cluster::builder()
        .conf("log_statement", "all")
        .conf("log_min_duration_statement", "0")
        .hba("local all postgres trust")
        .hba("local all all md5")
        .start()
}

async fn superuser(cluster: &Cluster) -> Connection {
    Connection::open(unix(cluster).await, config(roles::SUPERUSER, None), None)
        .await
        .unwrap()
}

async fn log_in(cluster: &Cluster, user: &str, password: &str) -> Result<Connection, OpenError> {
    let config: HandshakeConfig = config(user, Some(password));
    Connection::open(unix(cluster).await, config, None).await
}

async fn assert_refused(cluster: &Cluster, user: &str, password: &str) {
    let error = log_in(cluster, user, password).await.unwrap_err();
    assert!(
        error.to_string().contains("password authentication failed"),
        "{error}"
    );
}

fn stored(cluster: &Cluster, user: &str) -> String {
    let user = user.replace('\'', "''");
    // Also where a backslash is an escape otherwise.
    cluster.psql(&format!(
        "set standard_conforming_strings = on; \
         select rolpassword from pg_authid where rolname = '{user}'"
    ))
}

#[tokio::test]
async fn the_new_password_opens_and_the_old_one_does_not() {
    let cluster = cluster();
    let mut connection = superuser(&cluster).await;
    connection
        .change_password(roles::SCRAM_USER, "another tiger")
        .await
        .unwrap();
    log_in(&cluster, roles::SCRAM_USER, "another tiger")
        .await
        .unwrap();
    assert_refused(&cluster, roles::SCRAM_USER, roles::SCRAM_PASSWORD).await;
    assert!(stored(&cluster, roles::SCRAM_USER).starts_with("SCRAM-SHA-256$4096:"));

    // One's own, and with a salt of its own.
    let before = stored(&cluster, roles::SCRAM_USER);
    let mut own = log_in(&cluster, roles::SCRAM_USER, "another tiger")
        .await
        .unwrap();
    own.change_password(roles::SCRAM_USER, Secret::from("another tiger"))
        .await
        .unwrap();
    assert_ne!(stored(&cluster, roles::SCRAM_USER), before);
    log_in(&cluster, roles::SCRAM_USER, "another tiger")
        .await
        .unwrap();
    assert!(!cluster.log().contains("tiger"), "{}", cluster.log());
}

#[tokio::test]
async fn names_and_passwords_of_any_characters() {
    let cluster = cluster();
    for standard in ["on", "off"] {
        // No server since 19 has the latter.
        if standard == "off" && cluster.version() > 18 {
            continue;
        }
        let mut connection = superuser(&cluster).await;
        connection
            .execute(&format!("set standard_conforming_strings = {standard}"), &[])
            .await
            .unwrap();
        for (number, password) in [
            "it's \"quoted\"",
            "back\\slash\\' or \\",
            "non\u{a0}breaking\u{ad} \u{2168}",
            "пароль",
            "\u{7}bell",
            "$1 ' || 'x",
            "SCRAM-SHA-256",
        ]
        .into_iter()
        .enumerate()
        {
            let user = format!("O'Neill \\ \"{number}\"; {standard} é");
            let quoted = user.replace('"', "\"\"");
            connection
                .execute(&format!("create user \"{quoted}\" password 'old'"), &[])
                .await
                .unwrap();
            connection.change_password(&user, password).await.unwrap();
            log_in(&cluster, &user, password).await.unwrap();
            assert_refused(&cluster, &user, "old").await;
            assert!(stored(&cluster, &user).starts_with("SCRAM-SHA-256$"));
        }
        // As it would be typed elsewhere: preparation makes the same of both.
        log_in(
            &cluster,
            &format!("O'Neill \\ \"2\"; {standard} é"),
            "non breaking IX",
        )
        .await
        .unwrap();
    }
}

#[tokio::test]
async fn as_md5_where_the_server_says_so() {
    let cluster = cluster();
    let mut connection = superuser(&cluster).await;
    connection
        .execute("set password_encryption = 'md5'", &[])
        .await
        .unwrap();
    connection
        .change_password(roles::MD5_USER, "it's a wombat")
        .await
        .unwrap();
    assert!(stored(&cluster, roles::MD5_USER).starts_with("md5"));
    log_in(&cluster, roles::MD5_USER, "it's a wombat").await.unwrap();
    assert_refused(&cluster, roles::MD5_USER, roles::MD5_PASSWORD).await;
    assert!(!cluster.log().contains("wombat"));
}

#[tokio::test]
async fn with_as_many_iterations_as_the_server_says() {
    let cluster = cluster();
    if cluster.version() < 16 {
        return;
    }
    let mut connection = superuser(&cluster).await;
    connection
        .execute("set scram_iterations = 5000", &[])
        .await
        .unwrap();
    connection
        .change_password(roles::SCRAM_USER, "new")
        .await
        .unwrap();
    assert!(stored(&cluster, roles::SCRAM_USER).starts_with("SCRAM-SHA-256$5000:"));
    log_in(&cluster, roles::SCRAM_USER, "new").await.unwrap();

    connection
        .execute("set scram_iterations = 2000000000", &[])
        .await
        .unwrap();
    let error = connection
        .change_password(roles::SCRAM_USER, "newer")
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot set the password: the server asks for 2000000000 iterations"
    );
    log_in(&cluster, roles::SCRAM_USER, "new").await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_is_refused() {
    let cluster = cluster();
    let mut connection = superuser(&cluster).await;
    for (user, password, sqlstate) in [
        (roles::SCRAM_USER, "", "22023"),
        ("zero\0byte", "new", "22023"),
        ("nobody", "new", "42704"),
        ("", "new", "42601"),
    ] {
        let error = connection.change_password(user, password).await.unwrap_err();
        assert_eq!(error.sqlstate().as_str(), sqlstate, "{error}");
        assert_eq!(value(&mut connection, "select 1").await.unwrap(), 1);
    }
    let mut other = log_in(&cluster, roles::SCRAM_USER, roles::SCRAM_PASSWORD)
        .await
        .unwrap();
    let error = other.change_password(roles::SUPERUSER, "new").await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "42501", "{error}");
    log_in(&cluster, roles::SCRAM_USER, roles::SCRAM_PASSWORD)
        .await
        .unwrap();
}

#[tokio::test]
async fn dropped_at_every_poll() {
    drop_at_every_poll(async |connection| connection.change_password(roles::TRUST_USER, "any").await).await;
}
