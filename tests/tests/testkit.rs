//! The throwaway servers keep what they promise.

// Clippy spares tests, but not what they share.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::net::TcpStream;
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use dblink_tests::roles::{
    CLEARTEXT_PASSWORD, CLEARTEXT_USER, MD5_PASSWORD, MD5_USER, SCRAM_PASSWORD, SCRAM_USER, TRUST_USER,
};
use dblink_tests::tls::Certificates;
use dblink_tests::{Cluster, PgBouncer};
use rustix::process::{Pid, Signal, kill_process};

/// What a cluster leaves behind if it does not go away.
struct Traces {
    folder: PathBuf,
    port: u16,
}

impl Traces {
    fn of(cluster: &Cluster) -> Self {
        let traces = Self {
            folder: cluster.data_dir().parent().unwrap().to_owned(),
            port: cluster.port(),
        };
        assert!(traces.folder.exists() && traces.answers());
        traces
    }

    fn answers(&self) -> bool {
        TcpStream::connect(("127.0.0.1", self.port)).is_ok()
    }

    #[track_caller]
    fn assert_gone(&self) {
        assert!(!self.folder.exists(), "{} is left", self.folder.display());
        assert!(!self.answers(), "port {} still answers", self.port);
    }
}

/// Logs in and asks for the user's name.
fn log_in(cluster: &Cluster, host: &str, user: &str, password: Option<&str>) -> Result<String, String> {
    let mut psql = cluster.psql_command();
    psql.env("PGHOST", host).env("PGUSER", user);
    if let Some(password) = password {
        psql.env("PGPASSWORD", password);
    }
    run(psql.args(["--command", "select current_user"]))
}

fn run(command: &mut Command) -> Result<String, String> {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap().trim_end().to_owned();
    if output.status.success() {
        Ok(text(output.stdout))
    } else {
        Err(text(output.stderr))
    }
}

#[test]
fn a_dropped_cluster_leaves_nothing() {
    let cluster = Cluster::start();
    assert_eq!(cluster.psql("select 1, 'a' union all select 2, 'b'"), "1|a\n2|b");
    assert_eq!(cluster.psql("select current_user"), cluster.superuser());
    assert_eq!(
        cluster.psql("show data_directory"),
        cluster.data_dir().to_str().unwrap()
    );
    assert_eq!(
        cluster.psql("show server_version_num").parse::<u32>().unwrap() / 10_000,
        cluster.version()
    );
    assert!(
        cluster
            .log()
            .contains("database system is ready to accept connections")
    );
    let traces = Traces::of(&cluster);
    drop(cluster);
    traces.assert_gone();
}

#[test]
fn a_panic_in_a_test_leaves_nothing() {
    let mut traces = None;
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| {
        let cluster = Cluster::start();
        traces = Some(Traces::of(&cluster));
        cluster.psql("select 1/0");
    }));
    let text = *outcome.unwrap_err().downcast::<String>().unwrap();
    assert!(
        text.contains("division by zero") && text.contains("select 1/0"),
        "{text}"
    );
    traces.unwrap().assert_gone();
}

#[test]
fn a_server_that_was_stopped_by_the_test_leaves_nothing() {
    let cluster = Cluster::start();
    let traces = Traces::of(&cluster);
    let pid = fs::read_to_string(cluster.data_dir().join("postmaster.pid")).unwrap();
    let pid = Pid::from_raw(pid.lines().next().unwrap().parse().unwrap()).unwrap();
    kill_process(pid, Signal::QUIT).unwrap();
    drop(cluster);
    traces.assert_gone();
}

#[test]
fn a_dropped_pooler_leaves_nothing() {
    let cluster = Cluster::shared();
    let pooler = PgBouncer::builder().conf("pool_mode", "session").start(cluster);
    let traces = Traces {
        folder: pooler.socket_dir(),
        port: pooler.port(),
    };
    assert!(traces.answers());
    let mut psql = cluster.psql_command();
    psql.env("PGHOST", pooler.socket_dir())
        .env("PGPORT", pooler.port().to_string())
        .args(["--command", "select current_user"]);
    assert_eq!(run(&mut psql).as_deref(), Ok(cluster.superuser()));
    assert!(pooler.log().contains("login attempt: db=postgres user=postgres"));
    drop(pooler);
    traces.assert_gone();
}

#[test]
fn settings_and_rules_come_before_the_usual_ones() {
    let cluster = Cluster::builder()
        .conf("autovacuum", "on")
        .conf("cluster_name", r"it's a \ name")
        .hba("local all trust_user reject")
        .start();
    assert_eq!(cluster.psql("show autovacuum"), "on");
    assert_eq!(cluster.psql("show cluster_name"), r"it's a \ name");
    let refused = log_in(&cluster, cluster.socket_dir().to_str().unwrap(), TRUST_USER, None).unwrap_err();
    assert!(refused.contains("pg_hba.conf rejects connection"), "{refused}");
}

#[test]
fn every_user_logs_in_with_its_password_only() {
    let cluster = Cluster::shared();
    let socket = cluster.socket_dir();
    for host in [cluster.host(), socket.to_str().unwrap()] {
        assert_eq!(log_in(cluster, host, TRUST_USER, None).as_deref(), Ok(TRUST_USER));
        for (user, password) in [
            (MD5_USER, MD5_PASSWORD),
            (SCRAM_USER, SCRAM_PASSWORD),
            (CLEARTEXT_USER, CLEARTEXT_PASSWORD),
        ] {
            assert_eq!(log_in(cluster, host, user, Some(password)).as_deref(), Ok(user));
            let refused = log_in(cluster, host, user, Some("wrong")).unwrap_err();
            assert!(
                refused.contains("password authentication failed for user"),
                "{refused}"
            );
        }
    }
    let refused = log_in(cluster, cluster.host(), cluster.superuser(), None).unwrap_err();
    assert!(refused.contains("no pg_hba.conf entry"), "{refused}");
}

#[test]
fn every_user_is_asked_the_way_it_is_named_for() {
    assert_eq!(
        Cluster::shared().psql(
            "select rolname, substr(rolpassword, 1, 3) from pg_authid \
             where rolpassword is not null order by rolname"
        ),
        "cleartext_user|SCR\nmd5_user|md5\nscram_user|SCR"
    );
    assert_eq!(
        Cluster::shared().psql(
            "select user_name[1], type, auth_method from pg_hba_file_rules \
             where database <> '{replication}' order by user_name, type desc"
        ),
        "cleartext_user|local|password\ncleartext_user|host|password\n\
         md5_user|local|md5\nmd5_user|host|md5\n\
         postgres|local|trust\n\
         scram_user|local|scram-sha-256\nscram_user|host|scram-sha-256\n\
         trust_user|local|trust\ntrust_user|host|trust"
    );
}

#[test]
fn a_client_that_trusts_the_authority_verifies_the_server() {
    let certificates = Certificates::new();
    let cluster = Cluster::builder().tls(&certificates).start();
    let folder = tempfile::tempdir().unwrap();
    let connect = |authority: &str, name: &str| {
        let file = folder.path().join("ca.crt");
        fs::write(&file, authority).unwrap();
        run(cluster
            .psql_command()
            .env("PGHOST", name)
            .env("PGHOSTADDR", cluster.host())
            .env("PGUSER", TRUST_USER)
            .env("PGSSLMODE", "verify-full")
            .env("PGSSLROOTCERT", &file)
            .args([
                "--command",
                "select ssl from pg_stat_ssl where pid = pg_backend_pid()",
            ]))
    };
    assert_eq!(connect(&certificates.ca_pem, "localhost").as_deref(), Ok("t"));
    let refused = connect(&certificates.ca_pem, "other.example").unwrap_err();
    assert!(
        refused.contains("does not match host name \"other.example\""),
        "{refused}"
    );
    let refused = connect(&Certificates::new().ca_pem, "localhost").unwrap_err();
    assert!(refused.contains("certificate verify failed"), "{refused}");
}

#[test]
fn the_certificate_is_signed_with_ecdsa_and_sha_256() {
    const ECDSA_WITH_SHA_256: &[u8] = &[0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
    let certificates = Certificates::for_names(&["one.example"]);
    for der in [&certificates.server_der, &certificates.ca_der] {
        let found = der
            .windows(ECDSA_WITH_SHA_256.len())
            .filter(|window| *window == ECDSA_WITH_SHA_256);
        assert_eq!(
            found.count(),
            2,
            "once in what is signed, once beside the signature"
        );
    }
}

#[test]
fn a_missing_server_is_reported_with_the_remedy() {
    let error = run(throwaway().env("DBLINK_PG_BINDIR", "/nonexistent")).unwrap_err();
    assert!(
        error.contains("DBLINK_PG_BINDIR is /nonexistent, which has no initdb."),
        "{error}"
    );
    assert!(error.contains("apt-get install postgresql"), "{error}");
}

fn throwaway() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_throwaway"));
    command.stdin(Stdio::null());
    command
}

#[test]
fn the_program_throwaway_serves_until_its_input_ends() {
    // Its input is at its end from the start.
    let line = run(&mut throwaway()).unwrap();
    let folder = line
        .strip_prefix("host=")
        .unwrap()
        .split("/socket port=")
        .next()
        .unwrap();
    assert!(!PathBuf::from(folder).exists(), "{folder} is left");
}

/// The only event that tells of a folder's end comes from the kernel, and only Linux has this one.
#[cfg(target_os = "linux")]
mod killed {
    use std::io::{BufRead, BufReader};
    use std::path::Path;
    use std::time::Duration;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::fs::inotify;

    use super::*;

    /// Far longer than a server takes to stop.
    const DEADLINE: Duration = Duration::from_secs(60);

    struct Removal(rustix::fd::OwnedFd);

    impl Removal {
        fn watch(folder: &Path) -> Self {
            let events = inotify::init(inotify::CreateFlags::CLOEXEC).unwrap();
            inotify::add_watch(&events, folder, inotify::WatchFlags::DELETE_SELF).unwrap();
            Self(events)
        }

        fn wait(&self) {
            let deadline = Timespec::try_from(DEADLINE).unwrap();
            let mut events = [PollFd::new(&self.0, PollFlags::IN)];
            assert_eq!(
                poll(&mut events, Some(&deadline)),
                Ok(1),
                "not removed within {DEADLINE:?}"
            );
        }
    }

    #[test]
    fn a_killed_test_leaves_nothing() {
        let mut child = throwaway()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let (folder, rest) = line
            .strip_prefix("host=")
            .unwrap()
            .split_once("/socket port=")
            .unwrap();
        let traces = Traces {
            folder: folder.into(),
            port: rest.split(' ').next().unwrap().parse().unwrap(),
        };
        assert!(traces.answers());
        let removal = Removal::watch(&traces.folder);
        child.kill().unwrap();
        child.wait().unwrap();
        removal.wait();
        traces.assert_gone();
    }
}
