//! The first packet of a session, sent by libpq and made by us.

use std::io::Read;
use std::net::TcpListener;

use dblink_engine::conninfo::Conninfo;
use dblink_protocol::frontend::StartupMessage;
use dblink_protocol::wire::Message;

use super::ours::World;

/// What libpq sends to a server that hangs up.
fn packet_of_libpq(world: &World, text: &str) -> Vec<u8> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut packet = vec![0; 4];
        socket.read_exact(&mut packet).unwrap();
        let length = u32::from_be_bytes(packet[..].try_into().unwrap());
        packet.resize(usize::try_from(length).unwrap(), 0);
        socket.read_exact(&mut packet[4..]).unwrap();
        packet
    });
    let text = format!("{text} hostaddr=127.0.0.1 port={port} sslmode=disable");
    world.ask_libpq("connect", &[text.into_bytes()]);
    server.join().unwrap()
}

fn our_packet(world: &World, text: &str) -> Vec<u8> {
    let config = Conninfo::parse(text).unwrap().resolve(world).unwrap();
    let user = [("user".into(), config.user.as_str().into())];
    let parameters = config.parameters.iter();
    let parameters = parameters.map(|(name, value)| (name.into(), value.into()));
    let message = StartupMessage {
        protocol_version: config.max_protocol_version,
        parameters: user.into_iter().chain(parameters).collect(),
    };
    let mut packet = Vec::new();
    message.encode(&mut packet).unwrap();
    packet
}

#[test]
fn packets_are_the_same() {
    let worlds: [&[(&str, &str)]; 5] = [
        &[],
        &[("PGDATESTYLE", "ISO"), ("PGTZ", "UTC"), ("PGGEQO", "off")],
        &[("PGDATESTYLE", "default"), ("PGTZ", "DEFAULT"), ("PGGEQO", "")],
        &[
            ("PGAPPNAME", "env"),
            ("PGOPTIONS", "-c x=y"),
            ("PGCLIENTENCODING", "LATIN1"),
        ],
        &[("LC_ALL", "C.UTF-8"), ("PGUSER", "u"), ("PGDATABASE", "d")],
    ];
    let texts = [
        "",
        "user=scott dbname=sales",
        "user='' dbname=''",
        "application_name=a fallback_application_name=f",
        "fallback_application_name=f",
        "application_name='' fallback_application_name=f",
        "options='-c a=b' replication=database client_encoding=auto",
        "options='' replication='' client_encoding=''",
        "min_protocol_version=3.2",
        "max_protocol_version=latest user=\u{fc}",
    ];
    for variables in worlds {
        let mut world = World::new(variables);
        world.set("HOME", "/nonexistent");
        for text in texts {
            let (ours, theirs) = (our_packet(&world, text), packet_of_libpq(&world, text));
            assert_eq!(
                ours.escape_ascii().to_string(),
                theirs.escape_ascii().to_string(),
                "{text} in {world:?}"
            );
        }
    }
}
