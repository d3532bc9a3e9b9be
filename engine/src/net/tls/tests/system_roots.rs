//! The root certificates of the operating system.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

use super::pki::{Authority, Files};
use super::{Server, shake_hands};
use crate::net::tls::{Roots, TlsConfigError, TlsConnector, TlsOptions, Verification};

/// Set in the process that this test starts.
const CHILD: &str = "DBLINK_TEST_CHILD";

#[test]
fn roots_come_from_where_the_environment_points_to() {
    // No process can safely change its own environment, so the test runs once more in another one.
    let Some(path) = env::var_os("SSL_CERT_FILE").filter(|_| env::var_os(CHILD).is_some()) else {
        return run_again();
    };
    let mut options = TlsOptions::new("db.example");
    options.verification = Verification::Full;
    options.roots = Roots::System;
    assert!(matches!(
        TlsConnector::new(&options),
        Err(TlsConfigError::SystemRoots(_))
    ));

    let authority = Authority::new("root");
    fs::write(Path::new(&path), authority.pem()).unwrap();
    let right = authority.issue(&["db.example"]);
    shake_hands(&options, &Server::new(&right)).client.unwrap();
    let stranger = Authority::new("stranger").issue(&["db.example"]);
    shake_hands(&options, &Server::new(&stranger)).client.unwrap_err();
}

fn run_again() {
    let files = Files::new();
    let module = module_path!().split_once("::").unwrap().1;
    let output = Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            &format!("{module}::roots_come_from_where_the_environment_points_to"),
        ])
        .env(CHILD, "1")
        .env("SSL_CERT_FILE", files.path("roots.pem"))
        .env_remove("SSL_CERT_DIR")
        .output()
        .unwrap();
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && report.contains("1 passed"), "{report}");
}
