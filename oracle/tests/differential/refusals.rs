//! What libpq and we say when a real server, or nobody, is reached.

use dblink_engine::connection::Connection;
use dblink_engine::conninfo::Conninfo;
use dblink_tests::pki::Authority;
use dblink_tests::{Cluster, Files, refused_port, roles};

use super::ours::World;

fn world() -> World {
    World::new(&[("HOME", "/nonexistent")])
}

/// Our message in libpq's form: without SQLSTATEs, and with two blanks behind the severity.
fn ours(conninfo: &str) -> String {
    let config = Conninfo::parse(conninfo).unwrap().resolve(&world()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let result = runtime.block_on(Connection::connect(&config));
    let text = result.expect_err(conninfo).to_string();
    let lines = text.lines().map(|line| match line.rsplit_once(" (SQLSTATE ") {
        Some((text, _)) => text.replace("failed: FATAL: ", "failed: FATAL:  "),
        None => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Compares what both say, and reports all differences at once.
#[track_caller]
fn assert_same(conninfos: &[String]) {
    assert_same_by(conninfos, |libpq, ours| libpq == ours);
}

#[track_caller]
fn assert_same_by(conninfos: &[String], is_same: fn(&str, &str) -> bool) {
    let texts: Vec<_> = conninfos.iter().map(|text| text.clone().into_bytes()).collect();
    let (answers, _) = world().ask_libpq("connect", &texts);
    let mut different = Vec::new();
    for (conninfo, answer) in conninfos.iter().zip(answers) {
        let error = answer.error().unwrap_or_else(|| panic!("{conninfo} connects"));
        let libpq = String::from_utf8(error).unwrap();
        let (libpq, ours) = (libpq.trim_end(), ours(conninfo));
        if !is_same(libpq, &ours) {
            different.push(format!("{conninfo}\n  libpq {libpq}\n  ours  {ours}"));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn by_the_server() {
    let cluster = Cluster::shared();
    let port = cluster.port();
    let socket = cluster.socket_dir();
    let places = [
        format!("host=127.0.0.1 port={port}"),
        format!("host=localhost hostaddr=127.0.0.1 port={port}"),
        format!("host={} port={port}", socket.display()),
    ];
    let logins = [
        format!("user={} password=wrong dbname=postgres", roles::SCRAM_USER),
        format!("user={} password=wrong dbname=postgres", roles::MD5_USER),
        format!("user={} password=wrong dbname=postgres", roles::CLEARTEXT_USER),
        format!("user={} dbname=postgres", roles::SCRAM_USER),
        format!("user={} dbname=nowhere", roles::TRUST_USER),
        format!(
            "user={} dbname=postgres options='-c nonsense=x'",
            roles::TRUST_USER
        ),
        format!(
            "user={} dbname=postgres client_encoding=nonsense",
            roles::TRUST_USER
        ),
        "user=nobody password=x dbname=postgres sslmode=disable".to_owned(),
        format!(
            "user={} dbname=postgres target_session_attrs=standby",
            roles::TRUST_USER
        ),
        format!(
            "user={} dbname=postgres target_session_attrs=read-only",
            roles::TRUST_USER
        ),
        format!("user={} dbname=postgres require_auth=md5", roles::TRUST_USER),
        format!(
            "user={} password=x dbname=postgres require_auth=!md5",
            roles::MD5_USER
        ),
        format!(
            "user={} password=x dbname=postgres require_auth=none",
            roles::SCRAM_USER
        ),
        format!(
            "user={} password=x dbname=postgres require_auth=!scram-sha-256",
            roles::SCRAM_USER
        ),
        format!(
            "user={} dbname=postgres channel_binding=require",
            roles::TRUST_USER
        ),
        format!(
            "user={} password=x dbname=postgres channel_binding=require",
            roles::MD5_USER
        ),
        format!(
            "user={} password={} dbname=postgres channel_binding=require",
            roles::SCRAM_USER,
            roles::SCRAM_PASSWORD
        ),
        format!("user={} dbname=postgres sslcertmode=require", roles::TRUST_USER),
    ];
    let conninfos = places.iter().flat_map(|place| {
        let logins = logins.iter();
        logins.map(move |login| format!("{place} {login}"))
    });
    let mut conninfos: Vec<_> = conninfos.collect();
    conninfos.push(format!("{} user=u sslmode=require", places[0]));
    conninfos.push(format!("{} user=u requirepeer=nobody_at_all", places[2]));
    if cluster.version() < 18 {
        conninfos.push(format!(
            "{} dbname=postgres user={} min_protocol_version=3.2",
            places[0],
            roles::TRUST_USER
        ));
    }
    assert_same(&conninfos);
}

#[test]
fn by_nobody() {
    let (one, two) = (refused_port(), refused_port());
    assert_same(&[
        format!("host=127.0.0.1 port={one} user=u"),
        format!("host=localhost hostaddr=127.0.0.1 port={one} user=u"),
        format!("host=127.0.0.1,localhost hostaddr=127.0.0.1,127.0.0.1 port={one},{two} user=u"),
        format!("host=/nonexistent port={one} user=u"),
        format!("hostaddr=127.0.0.1,127.0.0.2 port={one} user=u target_session_attrs=read-write"),
        format!("host=localhost port={one} user=u"),
        format!("hostaddr=nonsense port={one} user=u"),
        format!("host=/{},127.0.0.1 port={one},{two} user=u", "x".repeat(100)),
        // Nobody can have it: RFC 6761.
        format!("host=nowhere.invalid,127.0.0.1 port={one} user=u"),
    ]);
}

#[test]
fn by_us_over_tls() {
    let files = Files::new();
    let authority = Authority::new("authority");
    let certificates = authority.server(&["localhost", "db.example", "127.0.0.1"], |_| {});
    let root = files.write("root.pem", &authority.pem(), 0o644);
    let stranger = Authority::new("stranger");
    let other_root = files.write("stranger.pem", &stranger.pem(), 0o644);
    let identity = stranger.client("somebody");
    let certificate = files.write("client.pem", &identity.certificate, 0o644);
    let open = files.write("open.key", &identity.key, 0o644);
    let revoked = files.write("revoked.crl", &stranger.revoke(&[1], 2100), 0o644);

    let cluster = Cluster::builder().tls(&certificates).start();
    let place = format!(
        "hostaddr=127.0.0.1 port={} dbname=postgres user={}",
        cluster.port(),
        roles::TRUST_USER
    );
    let options = [
        format!("host=elsewhere.example sslmode=verify-full sslrootcert={root}"),
        format!("host=127.0.0.2 sslmode=verify-full sslrootcert={root}"),
        format!("sslmode=verify-full sslrootcert={root}"),
        "host=localhost sslmode=verify-full sslrootcert=/nonexistent/root.pem".to_owned(),
        "host=localhost sslmode=verify-ca sslrootcert=''".to_owned(),
        "host=localhost sslmode=require sslcertmode=require".to_owned(),
        "host=localhost sslmode=require channel_binding=require".to_owned(),
        format!("host=localhost sslmode=require sslcert={certificate} sslkey=/nonexistent/client.key"),
        format!("host=localhost sslmode=require sslcert={certificate} sslkey={open}"),
        format!("host=localhost sslmode=require sslcert={certificate} sslkey=/"),
    ];
    assert_same(&options.map(|options| format!("{place} {options}")));

    // We say why.
    let options = [
        format!("host=localhost sslmode=verify-full sslrootcert={root} sslcrl={revoked}"),
        format!("host=localhost sslmode=verify-full sslrootcert={other_root}"),
        format!("host=localhost sslmode=require sslrootcert={other_root}"),
    ];
    let conninfos = options.map(|options| format!("{place} {options}"));
    assert_same_by(&conninfos, |libpq, ours| {
        libpq.ends_with("SSL error: certificate verify failed") && ours.starts_with(&format!("{libpq}: "))
    });
}

/// What comes from a password file is told, since nobody has typed it.
#[test]
fn of_a_password_file() {
    let files = Files::new();
    let file = files.write("passwords", "*:*:*:*:wrong\n", 0o600);
    let cluster = Cluster::shared();
    let users = [roles::SCRAM_USER, roles::MD5_USER, roles::CLEARTEXT_USER];
    let conninfos = users.map(|user| {
        format!(
            "host=127.0.0.1 port={} dbname=postgres user={user} passfile={file}",
            cluster.port()
        )
    });
    assert_same(&conninfos);
}

/// A server that refuses the client's certificate says so, with TLS 1.3 as late as in the first bytes of the session.
#[test]
fn of_a_client_certificate() {
    let files = Files::new();
    let ca = files.write("clients.pem", &Authority::new("clients' authority").pem(), 0o644);
    let identity = Authority::new("stranger").client("somebody");
    let certificate = files.write("client.pem", &identity.certificate, 0o644);
    let key = files.write("client.key", &identity.key, 0o600);
    let certificates = Authority::new("authority").server(&["localhost"], |_| {});
    let cluster = Cluster::builder()
        .tls(&certificates)
        .conf("ssl_ca_file", &ca)
        .start();
    let conninfos = ["1.2", "1.3"].map(|version| {
        format!(
            "host=127.0.0.1 port={} dbname=postgres user={} sslmode=require sslcert={certificate} sslkey={key} \
             ssl_max_protocol_version=TLSv{version}",
            cluster.port(),
            roles::TRUST_USER
        )
    });
    assert_same_by(&conninfos, |libpq, ours| {
        [libpq, ours]
            .iter()
            .all(|text| text.contains("failed: SSL error: "))
    });
}
