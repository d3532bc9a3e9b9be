//! CONN: passwords that are asked for, and profiles.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use dblink_tests::{Cluster, refused_port, roles};
use tempfile::TempDir;

use crate::pty::Terminal;
use crate::support::{Said, conn, dblink};

/// A table of the shared server with a primary key, to ask for.
const TABLE: &str = "pg_catalog.pg_class";

/// The connection string of the user who needs a password.
fn scram() -> String {
    let cluster = Cluster::shared();
    format!(
        "host={} port={} dbname=postgres user={}",
        cluster.host(),
        cluster.port(),
        roles::SCRAM_USER
    )
}

fn pkey(conn: &str) -> Command {
    let mut command = dblink();
    command.args(["pkey", conn, TABLE]);
    command
}

fn said(mut command: Command) -> Said {
    command.output().unwrap().into()
}

#[test]
fn a_password_is_asked_for_without_echo() {
    let mut terminal = Terminal::run(pkey(&scram()));
    terminal.wait_for("Password for user scram_user: ");
    assert!(!terminal.echoes());
    terminal.type_in(&format!("{}\r", roles::SCRAM_PASSWORD));
    terminal.wait_for("oid");
    assert!(terminal.echoes());
    let (text, code) = terminal.end();
    assert_eq!(code, Some(0), "{text}");
    assert!(!text.contains(roles::SCRAM_PASSWORD), "{text}");
    assert_eq!(text.matches("Password").count(), 1, "{text}");
}

#[test]
fn a_wrong_password_is_the_servers_error_and_not_asked_for_again() {
    let mut terminal = Terminal::run(pkey(&scram()));
    terminal.wait_for("Password for user scram_user: ");
    terminal.type_in("not-the-secret\r");
    let (text, code) = terminal.end();
    assert_eq!(code, Some(2));
    let cluster = Cluster::shared();
    assert_eq!(
        text,
        format!(
            "Password for user scram_user: \n\
             dblink: connection to server at \"127.0.0.1\", port {} failed: FATAL:  password authentication failed for \
             user \"scram_user\"\n",
            cluster.port()
        )
    );
}

#[test]
fn the_question_is_put_to_the_terminal_also_where_input_and_output_are_elsewhere() {
    let command = pty_process::blocking::Command::from(pkey(&scram()));
    let command = command.stdin(Stdio::null()).stdout(Stdio::null());
    let mut terminal = Terminal::run_with(command);
    terminal.wait_for("Password for user scram_user: ");
    terminal.type_in(&format!("{}\r", roles::SCRAM_PASSWORD));
    assert_eq!(
        terminal.end(),
        ("Password for user scram_user: \n".to_owned(), Some(0))
    );
}

#[test]
fn ctrl_c_at_the_question_gives_the_echo_back() {
    let mut command = Command::new("sh");
    // The shell is what is left of the terminal's users when the program has ended.
    command.args(["-c", "trap : INT; \"$0\" pkey \"$1\" t; echo code $?; read line"]);
    command.args([env!("CARGO_BIN_EXE_dblink"), &scram()]);
    for (name, value) in dblink().get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let mut terminal = Terminal::run(command);
    terminal.wait_for("Password for user scram_user: ");
    assert!(!terminal.echoes());
    terminal.type_in("half a passw\x03");
    terminal.wait_for("dblink: interrupted");
    terminal.wait_for("code 130");
    assert!(terminal.echoes());
    terminal.type_in("\r");
    let (text, _) = terminal.end();
    assert!(!text.contains("half"), "{text}");
}

#[test]
fn without_a_password_libpq_says_what_is_missing() {
    let missing = format!(
        "dblink: connection to server at \"127.0.0.1\", port {} failed: fe_sendauth: no password supplied\n",
        Cluster::shared().port()
    );
    // A session of its own has no terminal.
    let mut command = Command::new("setsid");
    command.args(["--wait", env!("CARGO_BIN_EXE_dblink"), "pkey", &scram(), TABLE]);
    command.stdin(Stdio::null());
    let none = said(command);
    assert_eq!((none.code, none.err.as_str()), (Some(2), missing.as_str()));

    let mut terminal = Terminal::run(pkey(&scram()));
    terminal.wait_for("Password for user scram_user: ");
    terminal.type_in("\x04");
    assert_eq!(
        terminal.end(),
        (format!("Password for user scram_user: \n{missing}"), Some(2))
    );
}

#[test]
fn a_password_that_is_there_is_not_asked_for() {
    let mut command = pkey(&scram());
    command.env("PGPASSWORD", roles::SCRAM_PASSWORD);
    let (text, code) = Terminal::run(command).end();
    assert_eq!(code, Some(0), "{text}");
    assert!(!text.contains("Password"), "{text}");
}

/// A folder with a file of profiles, which only its owner reads.
fn profiles(content: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    write(&folder.path().join("profiles"), content, 0o600);
    folder
}

fn write(file: &Path, content: &str, mode: u32) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, content).unwrap();
    fs::set_permissions(file, Permissions::from_mode(mode)).unwrap();
}

/// What `pkey` says with this file of profiles.
fn with_profiles(folder: &TempDir, conn: &str) -> Said {
    let mut command = pkey(conn);
    command.env("DBLINK_PROFILES", folder.path().join("profiles"));
    let said = said(command);
    let folder = folder.path().to_str().unwrap();
    Said {
        err: said.err.replace(folder, "FOLDER"),
        ..said
    }
}

/// The same options as in `conn`, a line each.
fn lines(conn: &str) -> String {
    conn.replace(' ', "\n")
}

#[test]
fn a_profile_is_a_group_of_a_file_like_the_service_file() {
    let content = format!(
        "# Mine\n[nowhere]\nhost=127.0.0.1\nport={}\n\n[here]\n{}\n",
        refused_port(),
        lines(&conn())
    );
    let folder = profiles(&content);
    let here = with_profiles(&folder, "@here");
    assert_eq!(
        (here.code, here.out.as_str()),
        (Some(0), "position,colname\n1,oid\n"),
        "{}",
        here.err
    );
    assert_eq!(with_profiles(&folder, "@nowhere").code, Some(2));
}

#[test]
fn profiles_are_looked_for_where_users_keep_their_settings() {
    let folder = TempDir::new().unwrap();
    let content = format!("[here]\n{}\n", lines(&conn()));
    write(&folder.path().join(".config/dblink/profiles"), &content, 0o600);
    write(&folder.path().join("other/dblink/profiles"), "[there]\n", 0o600);
    let mut command = pkey("@here");
    command.env("HOME", folder.path());
    assert_eq!(said(command).code, Some(0));

    let mut command = pkey("@here");
    command
        .env("HOME", folder.path())
        .env("XDG_CONFIG_HOME", folder.path().join("other"));
    let there = said(command);
    let text = there.err.replace(folder.path().to_str().unwrap(), "HOME");
    assert_eq!(
        (there.code, text.as_str()),
        (
            Some(2),
            "dblink: no profile is named \"here\": \"HOME/other/dblink/profiles\" has there\n"
        )
    );
}

#[test]
fn a_profile_that_is_not_there_is_told_with_those_that_are() {
    let folder = profiles("[a]\nhost=x\n [b c]\n[d\n");
    let none = with_profiles(&folder, "@x");
    assert_eq!(none.code, Some(2));
    insta::assert_snapshot!(none.err, @r#"dblink: no profile is named "x": "FOLDER/profiles" has a, b c"#);
    insta::assert_snapshot!(with_profiles(&profiles(""), "@").err, @r#"dblink: no profile is named "": "FOLDER/profiles" has none"#);
    fs::remove_file(folder.path().join("profiles")).unwrap();
    insta::assert_snapshot!(with_profiles(&folder, "@x").err, @r#"dblink: no profile is named "x": there is no file "FOLDER/profiles""#);
}

#[test]
fn a_profile_that_cannot_be_read_is_told() {
    let folder = profiles("[a]\nnonsense\n[b]\nservice=c\n");
    insta::assert_snapshot!(with_profiles(&folder, "@a").err, @r#"dblink: syntax error in service file "FOLDER/profiles", line 2"#);
    insta::assert_snapshot!(with_profiles(&folder, "@b").err, @r#"dblink: nested service specifications not supported in service file "FOLDER/profiles", line 4"#);
    fs::remove_file(folder.path().join("profiles")).unwrap();
    fs::create_dir(folder.path().join("profiles")).unwrap();
    insta::assert_snapshot!(with_profiles(&folder, "@a").err, @r#"dblink: could not read "FOLDER/profiles": Is a directory"#);
}

#[test]
fn passwords_that_others_can_read_are_refused() {
    let scram = format!("{} password={}", scram(), roles::SCRAM_PASSWORD);
    let folder = profiles(&format!(
        "[secret]\n{}\n[open]\n{}\n",
        lines(&scram),
        lines(&conn())
    ));
    assert_eq!(with_profiles(&folder, "@secret").code, Some(0));
    let file = folder.path().join("profiles");
    fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
    for profile in ["@secret", "@open"] {
        let refused = with_profiles(&folder, profile);
        assert_eq!((refused.code, refused.out.as_str()), (Some(2), ""));
        insta::allow_duplicates! {
            insta::assert_snapshot!(refused.err, @r#"dblink: profile file "FOLDER/profiles" has a password, and group or world access; permissions should be u=rw (0600) or less"#);
        }
    }
    write(&file, &format!("[open]\n{}\n", lines(&conn())), 0o644);
    assert_eq!(with_profiles(&folder, "@open").code, Some(0));
}
