//! Options of TLS that cannot be met. libpq looks at them when the server has agreed to TLS, and not before.

use tempfile::TempDir;

use super::script::{Answer, Identity, Script, refuse, welcome};
use super::{Case, assert_same, pki};

/// A file of certificates that is not there, where one is needed.
#[test]
fn no_root_certificates() {
    let servers = [
        ("TLS", Script::welcoming()),
        ("no TLS", Script::without_tls(welcome())),
        ("a stranger", Script::presenting(Identity::Stranger)),
        ("another host", Script::presenting(Identity::OtherHost)),
    ];
    assert_same(
        servers.map(|(name, script)| Case::new(name, script).with("sslrootcert=/nonexistent/root.pem")),
    );
}

/// Files that hold something else, or are missing.
#[test]
fn files_that_cannot_be_used() {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let garbage = write("garbage", "garbage");
    let certificate = write("certificate.pem", &pki().identities.right.server_pem);
    let mut cases = Vec::new();
    for options in [
        format!("sslrootcert={garbage}"),
        format!("sslcert={garbage}"),
        format!("sslcert={certificate} sslkey=/nonexistent/key.pem"),
        format!("sslcert={certificate} sslkey={garbage}"),
    ] {
        for (name, script) in [
            ("TLS", Script::welcoming()),
            ("no TLS", Script::without_tls(welcome())),
            ("a close", Script::answering(Answer::Close)),
            ("plain text refused", Script::sessions(refuse("28000"), welcome())),
        ] {
            let case = || Case::new(name, script.clone()).with(&options);
            cases.extend([case(), case().with_another_host()]);
        }
    }
    assert_same(cases);
}
