//! Versions of the protocol.

use dblink_protocol::ProtocolVersion;
use dblink_protocol::handshake::HandshakeConfig;
use dblink_tests::blocking::Client;
use dblink_tests::{Cluster, roles};

use crate::support::{config, refusal, rows, socket};

/// PostgreSQL 18 is the first to speak 3.2, with longer keys; older servers say so.
#[test]
fn the_newest_that_both_speak() {
    let cluster = Cluster::shared();
    let asked = HandshakeConfig {
        max_version: ProtocolVersion::V3_2,
        ..config(roles::SUPERUSER, None)
    };
    let mut client = Client::connect(&socket(cluster), asked.clone(), None).unwrap();
    let (version, key_bytes) = if cluster.version() >= 18 {
        (ProtocolVersion::V3_2, 32)
    } else {
        (ProtocolVersion::V3_0, 4)
    };
    assert_eq!(client.conversation.protocol_version(), version);
    let request = client.conversation.cancel_key().unwrap().request();
    assert_eq!(request.secret_key.as_bytes().len(), key_bytes);
    Client::cancel(&socket(cluster), &request).unwrap();
    assert_eq!(rows(&mut client, "select 1"), ["1"]);

    let demanded = HandshakeConfig {
        min_version: ProtocolVersion::V3_2,
        ..asked
    };
    let result = Client::connect(&socket(cluster), demanded, None);
    if cluster.version() >= 18 {
        result.unwrap();
    } else {
        assert_eq!(
            refusal(result),
            "08001 server only supports protocol version 3.0, but \"min_protocol_version\" was set to 3.2"
        );
    }
}

#[test]
fn an_option_that_no_server_knows() {
    let mut config = config(roles::SUPERUSER, None);
    config
        .parameters
        .push(("_pq_.no_such_option".to_owned(), "on".to_owned()));
    let mut client = Client::connect(&socket(Cluster::shared()), config, None).unwrap();
    assert_eq!(rows(&mut client, "select 1"), ["1"]);
}
