//! Passwords that SASLprep changes, or would if PostgreSQL followed the textbook.

use dblink_tests::Cluster;
use dblink_tests::blocking::Client;

use crate::support::{config, rows, tcp};

/// PostgreSQL prepares a password when it stores it, and we when we log in: both must do the same.
#[test]
fn scram_passwords_that_are_prepared() {
    let cluster = Cluster::builder()
        .hba("host all all 127.0.0.1/32 scram-sha-256")
        .start();
    let passwords = [
        "x\u{0340}y",
        "\u{05D0}\u{2100}\u{05D0}",
        "a\u{200B}b",
        "\u{00AD}\u{00AD}",
        "\u{1F600}",
        "\u{FF21}\u{0221}",
        "\u{00A0}I\u{00AD}X\u{2168}\u{00AA}",
        "control \u{0007} character",
        "é è",
        "e\u{0301}",
        "\u{0627}1",
        "\u{1100}\u{1161}\u{11A8}",
    ];
    for (index, password) in passwords.iter().enumerate() {
        let user = format!("user_{index}");
        cluster.psql(&format!("create role {user} login password '{password}'"));
        let mut client = Client::connect(&tcp(&cluster), config(&user, Some(password)), None)
            .unwrap_or_else(|error| panic!("{}: {error:?}", password.escape_unicode()));
        assert_eq!(rows(&mut client, "select current_user"), [user]);
    }
}
