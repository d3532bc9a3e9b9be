//! What the server's certificate must prove, by `sslmode`.
//!
//! PostgreSQL manual:
//! [Client Verification of Server Certificates](https://www.postgresql.org/docs/current/libpq-ssl.html#LIBQ-SSL-CERTIFICATES).

use std::process::Command;
use std::{env, fs};

use dblink_tests::pki::{self, Authority};
use dblink_tests::tls::Certificates;
use dblink_tests::{Cluster, Files};

use super::{cause, connect, is_encrypted};

/// Set in the process that a test starts.
const CHILD: &str = "DBLINK_TEST_CHILD";

const MISMATCH: &str = "does not match host name";

#[tokio::test]
async fn of_the_right_host() {
    let certificates = Certificates::new();
    let cluster = Cluster::builder().tls(&certificates).start();
    let files = Files::new();
    let right = files.write("right.pem", &certificates.ca_pem, 0o644);
    let stranger = files.write("stranger.pem", &Authority::new("stranger").pem(), 0o644);
    for mode in ["require", "verify-ca", "verify-full"] {
        for host in ["localhost", "127.0.0.1"] {
            let options = format!("host={host} sslmode={mode} sslrootcert={right}");
            let mut connection = connect(&cluster, &options).await.unwrap();
            assert!(is_encrypted(&mut connection).await, "{options}");
        }
        // A file of roots that is there counts in every mode.
        let options = format!("sslmode={mode} sslrootcert={stranger}");
        assert_eq!(
            cause(connect(&cluster, &options).await),
            "SSL error: certificate verify failed: unable to get local issuer certificate",
            "{mode}"
        );
    }
    // With prefer the session is not encrypted then, as in libpq.
    let options = format!("sslmode=prefer sslrootcert={stranger}");
    assert!(!is_encrypted(&mut connect(&cluster, &options).await.unwrap()).await);

    for (host, shown) in [
        ("elsewhere.example", "elsewhere.example"),
        ("127.0.0.2", "127.0.0.2"),
        ("localhost.example", "localhost.example"),
    ] {
        let options = format!("host={host} sslrootcert={right}");
        connect(&cluster, &format!("{options} sslmode=verify-ca"))
            .await
            .unwrap();
        let text = cause(connect(&cluster, &format!("{options} sslmode=verify-full")).await);
        assert!(text.contains(&format!("{MISMATCH} \"{shown}\"")), "{text}");
    }
    let options = format!("host='' sslmode=verify-full sslrootcert={right}");
    assert_eq!(
        cause(connect(&cluster, &options).await),
        "host name must be specified for a verified SSL connection"
    );
    for mode in ["verify-ca", "verify-full"] {
        let text = cause(
            connect(
                &cluster,
                &format!("sslmode={mode} sslrootcert=/nonexistent/root.pem"),
            )
            .await,
        );
        assert!(
            text.starts_with("root certificate file \"/nonexistent/root.pem\" does not exist\n"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn that_has_expired() {
    let authority = Authority::new("authority");
    let certificates = authority.server(&["localhost"], |params| {
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    });
    let cluster = Cluster::builder().tls(&certificates).start();
    let files = Files::new();
    let root = files.write("root.pem", &authority.pem(), 0o644);
    for mode in ["require", "verify-ca", "verify-full"] {
        let options = format!("sslmode={mode} sslrootcert={root}");
        assert_eq!(
            cause(connect(&cluster, &options).await),
            "SSL error: certificate verify failed: certificate has expired",
            "{mode}"
        );
    }
    // Without roots nobody looks.
    let mut connection = connect(&cluster, "sslmode=require").await.unwrap();
    assert!(is_encrypted(&mut connection).await);
}

/// It leads to a root only if it stands among the roots itself.
#[tokio::test]
async fn that_has_issued_itself() {
    let certificates = pki::self_signed(&["localhost"]);
    let cluster = Cluster::builder().tls(&certificates).start();
    let files = Files::new();
    let itself = files.write("itself.pem", &certificates.server_pem, 0o644);
    let stranger = files.write("stranger.pem", &Authority::new("stranger").pem(), 0o644);
    for mode in ["require", "verify-ca", "verify-full"] {
        connect(&cluster, &format!("sslmode={mode} sslrootcert={itself}"))
            .await
            .unwrap();
        let text = cause(connect(&cluster, &format!("sslmode={mode} sslrootcert={stranger}")).await);
        assert!(text.contains("certificate verify failed"), "{text}");
    }
    connect(&cluster, "sslmode=require").await.unwrap();
}

/// Its names are addresses only.
#[tokio::test]
async fn of_an_address() {
    let authority = Authority::new("authority");
    let certificates = authority.server(&["127.0.0.1", "::1"], |_| {});
    let cluster = Cluster::builder().tls(&certificates).start();
    let files = Files::new();
    let root = files.write("root.pem", &authority.pem(), 0o644);
    for (host, matches) in [
        ("127.0.0.1", true),
        // As inet_aton reads it.
        ("127.1", true),
        ("::1", true),
        ("0:0::1", true),
        ("127.0.0.2", false),
        ("localhost", false),
    ] {
        let options = format!("host={host} sslmode=verify-full sslrootcert={root}");
        match connect(&cluster, &options).await {
            Ok(_) => assert!(matches, "{host}"),
            Err(error) => assert!(
                !matches && error.to_string().contains(MISMATCH),
                "{host}: {error}"
            ),
        }
    }
}

/// `sslrootcert=system`, which asks for verify-full, too.
#[test]
fn of_a_root_of_the_system() {
    // No process can safely change its own environment, so the test runs once more in another one.
    if env::var_os(CHILD).is_none() {
        return run_again();
    }
    let path = env::var("SSL_CERT_FILE").unwrap();
    let certificates = Certificates::new();
    let cluster = Cluster::builder().tls(&certificates).start();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        fs::write(&path, &certificates.ca_pem).unwrap();
        let mut connection = connect(&cluster, "sslrootcert=system").await.unwrap();
        assert!(is_encrypted(&mut connection).await);
        let text = cause(connect(&cluster, "sslrootcert=system host=elsewhere.example").await);
        assert!(text.contains(MISMATCH), "{text}");

        fs::write(&path, Authority::new("stranger").pem()).unwrap();
        assert_eq!(
            cause(connect(&cluster, "sslrootcert=system").await),
            "SSL error: certificate verify failed: unable to get local issuer certificate"
        );
    });
}

fn run_again() {
    let files = Files::new();
    let module = module_path!().split_once("::").unwrap().1;
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", &format!("{module}::of_a_root_of_the_system")])
        .env(CHILD, "1")
        .env("SSL_CERT_FILE", files.path("roots.pem"))
        .env_remove("SSL_CERT_DIR")
        .output()
        .unwrap();
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && report.contains("1 passed"), "{report}");
}
