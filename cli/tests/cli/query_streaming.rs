//! `dblink query`: rows as they come, and what becomes of a query that nobody waits for.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use dblink_tests::Cluster;
use rustix::fs::{OFlags, fcntl_setfl};
use tempfile::TempDir;

use crate::support::{Said, conn, dblink, psql_csv, run};

/// More rows than anybody waits for, none of which is stored before the first is sent.
const ENDLESS: &str = "select generate_series(1, 1000000000), repeat('x', 100)";

/// How long something may take that is done at once, on a machine with much else to do.
const AT_ONCE: Duration = Duration::from_secs(4);

/// The program with a query under way.
struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// What the server knows it as.
    name: String,
    since: Instant,
}

impl Running {
    fn start(name: &str, args: &[&str]) -> Self {
        Self::spawn(name, dblink(), args)
    }

    fn spawn(name: &str, mut command: Command, args: &[&str]) -> Self {
        let mut child = command
            .args(["query", &format!("{} application_name={name}", conn())])
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            stdout,
            name: name.to_owned(),
            since: Instant::now(),
        }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line
    }

    /// Waits until its statement has given its notice, all of it.
    fn is_noticed(&mut self) {
        let stderr = self.child.stderr.as_mut().unwrap();
        let mut said = Vec::new();
        while !said.ends_with(b"at RAISE\n") {
            let mut byte = [0];
            stderr.read_exact(&mut byte).unwrap();
            said.extend(byte);
        }
    }

    /// Sends it a signal. What it takes from then on is measured.
    fn signal(&mut self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &pid])
                .status()
                .unwrap()
                .success()
        );
        self.since = Instant::now();
    }

    /// Waits for its end, which comes at once, without reading what it prints; nothing of it is left at the server.
    fn ends(mut self) -> Said {
        let status = self.child.wait().unwrap();
        let took = self.since.elapsed();
        let mut err = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut err)
            .unwrap();
        assert!(took < AT_ONCE, "{took:?}");
        let sessions = format!(
            "select count(*) from pg_stat_activity where application_name = '{}'",
            self.name
        );
        // The server's process ends when it has heard of it.
        while Cluster::shared().psql(&sessions) != "0" {
            assert!(self.since.elapsed() < AT_ONCE + took, "it is still there");
        }
        Said {
            code: status.code(),
            out: String::new(),
            err,
        }
    }
}

/// An advisory lock that others wait for.
struct Lock {
    psql: Child,
}

impl Lock {
    fn take(number: u32) -> Self {
        let mut psql = Cluster::shared()
            .psql_command()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = psql.stdin.as_mut().unwrap();
        writeln!(stdin, "select pg_advisory_lock({number}); select 'taken';").unwrap();
        let mut said = BufReader::new(psql.stdout.take().unwrap());
        let mut line = String::new();
        while line.trim() != "taken" {
            line.clear();
            said.read_line(&mut line).unwrap();
        }
        Self { psql }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        drop(self.psql.stdin.take());
        drop(self.psql.wait());
    }
}

/// A query whose first row comes, and whose third waits for a lock. A server sends when it has 8 KiB to send.
fn waiting(number: u32) -> String {
    format!(
        "select i, repeat('x', 20000 * (i - 1)), case i when 3 then pg_advisory_xact_lock({number}) end
        from generate_series(1, 3) i"
    )
}

#[test]
fn the_first_row_is_printed_while_the_query_runs() {
    for (format, first) in [
        ("csv", "1,,\n"),
        ("tsv", "1\t\t\\N\n"),
        ("jsonl", "{\"i\":1,"),
        ("table", " 1 |"),
    ] {
        let lock = Lock::take(1);
        let mut running = Running::start("query_first", &[&waiting(1), "--format", format]);
        while !running.line().starts_with(first) {}
        drop(lock);
        let mut rest = String::new();
        running.stdout.read_to_string(&mut rest).unwrap();
        assert!(rest.contains("xxx"), "{format}");
        running.since = Instant::now();
        assert_eq!(running.ends().code, Some(0));
    }
}

/// Its largest size, in KiB, when nearly all of the output is read.
fn size_of(rows: u32, format: &str) -> u64 {
    let sql = format!("select generate_series(1, {rows}), repeat('x', 1000)");
    let mut running = Running::start("query_size", &[&sql, "--format", format]);
    let status = format!("/proc/{}/status", running.child.id());
    let mut buffer = vec![0; 256 << 10];
    let mut largest = 0;
    while running.stdout.read(&mut buffer).unwrap() > 0 {
        // At its end there is no size any more.
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        if let Some(line) = line {
            largest = line.trim().trim_end_matches(" kB").parse().unwrap();
        }
    }
    running.since = Instant::now();
    assert_eq!(running.ends().code, Some(0));
    largest
}

#[test]
fn memory_stays_flat() {
    for (format, more) in [
        ("csv", 100_000),
        ("tsv", 30_000),
        ("jsonl", 30_000),
        ("table", 10_000),
    ] {
        let few = size_of(3_000, format);
        let many = size_of(more, format);
        assert!(
            few > 0 && many < few + 4096,
            "{format}: {few} KiB, then {many} KiB"
        );
    }
}

/// A statement that tells when it runs.
const SLEEP: &str = "do $$ begin raise notice 'asleep'; perform pg_sleep(600); end $$";

#[test]
fn ctrl_c_cancels_what_sleeps() {
    for args in [&[SLEEP][..], &[SLEEP, "--timeout", "1h", "-o", "/dev/null"]] {
        let mut running = Running::start("query_sleep", args);
        running.is_noticed();
        running.signal("-INT");
        let said = running.ends();
        assert_eq!(
            (said.code, said.err.as_str()),
            (Some(130), "dblink: interrupted\n")
        );
    }
}

#[test]
fn ctrl_c_cancels_in_the_middle_of_rows_that_nobody_reads() {
    let mut running = Running::start("query_unread", &[ENDLESS]);
    running.line();
    running.signal("-INT");
    assert_eq!(running.ends().code, Some(130));
}

/// As by `timeout`, or a service that is stopped.
#[test]
fn sigterm_is_as_ctrl_c() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("rows.csv");
    let mut running = Running::start("query_terminated", &[SLEEP, "-o", file.to_str().unwrap()]);
    running.is_noticed();
    running.signal("-TERM");
    let said = running.ends();
    assert_eq!(
        (said.code, said.err.as_str()),
        (Some(143), "dblink: terminated\n")
    );
    assert!(names(folder.path()).is_empty());
}

#[test]
fn the_output_may_be_non_blocking() {
    let (mut reader, writer) = std::io::pipe().unwrap();
    fcntl_setfl(&writer, OFlags::NONBLOCK).unwrap();
    let mut child = dblink()
        .args(["query", &conn(), "select generate_series(1, 100000) as i"])
        .stdout(writer)
        .spawn()
        .unwrap();
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(text, psql_csv("select generate_series(1, 100000) as i"));
}

#[test]
fn the_time_limit_holds_though_nobody_reads() {
    let mut running = Running::start("query_unread_limit", &[ENDLESS, "--timeout", "500ms"]);
    running.line();
    let said = running.ends();
    assert_eq!(said.code, Some(1));
    assert_eq!(
        said.err,
        "dblink: ERROR:  57014: the statement was cancelled, since its deadline of 500ms has passed\n"
    );
}

#[test]
fn a_closed_pipe_cancels_without_a_word() {
    // In the middle of rows,
    let mut running = Running::start("query_closed", &[ENDLESS]);
    running.line();
    drop(running.stdout);
    let (mut child, since) = (running.child, Instant::now());
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(0));
    assert!(since.elapsed() < AT_ONCE);
    // and while none come.
    let _lock = Lock::take(2);
    let mut child = dblink()
        .args([
            "query",
            &format!("{} application_name=query_closed", conn()),
            &waiting(2),
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    for _ in 0..2 {
        stdout.read_line(&mut String::new()).unwrap();
    }
    drop(stdout);
    let since = Instant::now();
    let said = Said::from(child.wait_with_output().unwrap());
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    assert!(since.elapsed() < AT_ONCE);
    while Cluster::shared()
        .psql("select count(*) from pg_stat_activity where application_name = 'query_closed'")
        != "0"
    {
        assert!(since.elapsed() < 2 * AT_ONCE);
    }
}

/// The names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

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
    running.signal("-INT");
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
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let said: Said = dblink()
            .args(["query", &conn, sql])
            .stdout(full)
            .output()
            .unwrap()
            .into();
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
    let fifo = folder.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
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
    running.signal("-INT");
    assert_eq!(running.ends().code, Some(130));
}
