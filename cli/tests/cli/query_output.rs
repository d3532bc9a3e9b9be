//! `dblink query --output`: files that are there whole or not at all, and others.

use std::fs::{self, Permissions};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::Path;
use std::process::Command;

use dblink_tests::Cluster;
use rustix::process::Signal;
use tempfile::TempDir;

use crate::running::{ENDLESS, Lock, Running, names, waiting};
use crate::support::{Limit, Said, conn, dblink, fifo_in, run, run_full};

#[test]
fn a_file_is_there_whole() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("rows.csv");
    let file = path.to_str().unwrap();
    let sql = "select i from generate_series(1, 100000) i";
    let said = run(["query", &conn(), sql, "-o", file]);
    assert_eq!(
        said,
        Said {
            code: Some(0),
            out: String::new(),
            err: String::new()
        }
    );
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        run(["query", &conn(), sql]).out
    );
    // As any new file.
    let other = folder.path().join("other");
    fs::write(&other, "").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&path), mode(&other));
    // In the folder that it is run in, over another, through a link.
    symlink(&path, folder.path().join("link")).unwrap();
    let mut command = dblink();
    command.current_dir(folder.path());
    let said: Said = command
        .args(["query", &conn(), "select 1 as a", "-o", "link"])
        .output()
        .unwrap()
        .into();
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    assert_eq!(fs::read_to_string(&path).unwrap(), "a\n1\n");
    assert!(
        fs::symlink_metadata(folder.path().join("link"))
            .unwrap()
            .is_symlink()
    );
    assert_eq!(names(folder.path()), ["link", "other", "rows.csv"]);
    // A link may also say where a new one is to be.
    fs::remove_file(&path).unwrap();
    let link = folder.path().join("link");
    fs::remove_file(&link).unwrap();
    symlink("rows.csv", &link).unwrap();
    assert_eq!(
        run(["query", &conn(), "select 2 as a", "-o", link.to_str().unwrap()]).code,
        Some(0)
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "a\n2\n");
    assert_eq!(names(folder.path()), ["link", "other", "rows.csv"]);
}

#[test]
fn or_it_is_as_it_was() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("rows.csv");
    let file = path.to_str().unwrap();
    fs::write(&path, "before").unwrap();
    let unchanged = |said: &Said| {
        assert_eq!(fs::read_to_string(&path).unwrap(), "before", "{said:?}");
        assert_eq!(names(folder.path()), ["rows.csv"], "{said:?}");
    };
    // The query fails in the middle,
    let said = run([
        "query",
        &conn(),
        "select 1 / (50000 - i) from generate_series(1, 100000) i",
        "-o",
        file,
    ]);
    assert_eq!(
        (said.code, said.err.as_str()),
        (Some(1), "dblink: ERROR:  22012: division by zero\n")
    );
    unchanged(&said);
    // there is no connection,
    let said = run(["query", "host=/nowhere", "select 1", "-o", file]);
    assert_eq!(said.code, Some(2));
    unchanged(&said);
    // the user has no patience,
    let _lock = Lock::take(3);
    let mut running = Running::start(
        "query_file",
        &[
            &format!("do $$ begin raise notice 'on'; end $$; {}", waiting(3)),
            "-o",
            file,
        ],
    );
    running.is_noticed();
    running.signal(Signal::INT);
    let said = running.ends();
    assert_eq!(said.code, Some(130));
    unchanged(&said);
    // or there is no room for so much.
    let mut limited = Command::new("sh");
    let environment = dblink();
    limited.env_clear().envs(
        environment
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    limited.args([
        "-c",
        "trap '' XFSZ; ulimit -f 64; exec \"$0\" \"$@\"",
        env!("CARGO_BIN_EXE_dblink"),
    ]);
    let said: Said = limited
        .args(["query", &conn(), "select generate_series(1, 1000000)", "-o", file])
        .output()
        .unwrap()
        .into();
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
    assert_eq!(
        said.err,
        format!("dblink: could not write \"{file}\": File too large\n")
    );
    unchanged(&said);
}

#[test]
fn what_is_replaced_keeps_its_permissions_and_its_owner() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("rows.csv");
    fs::write(&path, "").unwrap();
    // Only root can do that.
    let _ = chown(&path, Some(1), Some(1));
    let state = || {
        let metadata = fs::metadata(&path).unwrap();
        (metadata.mode(), metadata.uid(), metadata.gid())
    };
    for mode in [0o600, 0o640, 0o666] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        let before = state();
        let said = run(["query", &conn(), "select 1 as a", "-o", path.to_str().unwrap()]);
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
        assert_eq!(state(), before);
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), "a\n1\n");
}

#[test]
fn what_cannot_be_written_is_told() {
    let conn = conn();
    // Before anything is asked.
    let asked = "create table query_asked ()";
    for (file, why) in [
        ("/no/such/folder/file", "No such file or directory"),
        ("/", "Is a directory"),
        ("/dev/null/x", "Not a directory"),
    ] {
        let said = run(["query", &conn, asked, "-o", file]);
        assert_eq!(
            (said.code, said.err),
            (Some(2), format!("dblink: could not write \"{file}\": {why}\n"))
        );
    }
    assert_eq!(
        Cluster::shared().psql("select to_regclass('query_asked') is null"),
        "t"
    );
    for sql in ["select 1", ENDLESS] {
        let said = run(["query", &conn, sql, "-o", "/dev/full"]);
        assert_eq!(
            (said.code, said.err.as_str()),
            (
                Some(2),
                "dblink: could not write \"/dev/full\": No space left on device\n"
            )
        );
        let said = run_full(["query", &conn, sql]);
        assert_eq!(
            (said.code, said.err.as_str()),
            (
                Some(2),
                "dblink: could not write the output: No space left on device\n"
            )
        );
    }
}

#[test]
fn what_is_no_regular_file_is_written_to() {
    let sql = "select 1 as a";
    assert_eq!(run(["query", &conn(), sql, "-o", "-"]).out, "a\n1\n");
    let said = run(["query", &conn(), sql, "-o", "/dev/null"]);
    assert_eq!(
        (said.code, said.out.as_str(), said.err.as_str()),
        (Some(0), "", "")
    );
    assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
    let folder = TempDir::new().unwrap();
    let fifo = fifo_in(folder.path());
    let reader = std::thread::spawn({
        let fifo = fifo.clone();
        move || fs::read_to_string(fifo).unwrap()
    });
    assert_eq!(
        run(["query", &conn(), sql, "-o", fifo.to_str().unwrap()]).code,
        Some(0)
    );
    assert_eq!(reader.join().unwrap(), "a\n1\n");
    // Ctrl-C does not wait for a reader.
    let mut running = Running::start(
        "query_fifo",
        &[
            "do $$ begin raise notice 'on'; end $$; select 1",
            "-o",
            fifo.to_str().unwrap(),
        ],
    );
    running.is_noticed();
    running.signal(Signal::INT);
    assert_eq!(running.ends().code, Some(130));
}

#[test]
fn the_time_limit_holds_while_there_is_no_reader() {
    let folder = TempDir::new().unwrap();
    let fifo = fifo_in(folder.path());
    let fifo = fifo.to_str().unwrap();
    let late =
        format!("dblink: could not write \"{fifo}\": nobody read it yet when the time limit of 3s passed\n");
    for (sql, code, err) in [
        ("select 1", 2, late.as_str()),
        ("select 1 / 0", 1, "dblink: ERROR:  22012: division by zero\n"),
    ] {
        let running = Running::start("query_unread_fifo", &[sql, "-o", fifo, "--timeout", "3s"]);
        let _limit = Limit::of(&running.child);
        let said = running.ends();
        assert_eq!((said.code, said.err.as_str()), (Some(code), err));
    }
}
