//! Environment variables, service files and password files, taken in by both.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use dblink_engine::conninfo::{Conninfo, Keyword};
use tempfile::TempDir;

use super::ours::{Tally, World};

/// A world with a home folder and a folder of configuration, both empty.
pub(super) fn world_in(folder: &Path) -> World {
    let mut world = World::default();
    for (name, variable) in [("home", "HOME"), ("etc", "PGSYSCONFDIR")] {
        let path = folder.join(name);
        fs::create_dir(&path).unwrap();
        world.set(variable, path.to_str().unwrap());
    }
    world
}

pub(super) fn write(path: &Path, content: impl AsRef<[u8]>, mode: u32) {
    // One that is there may be read-only.
    let _ = fs::remove_file(path);
    fs::write(path, content).unwrap();
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

pub(super) fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

#[test]
fn each_variable_alone() {
    let mut total = Tally::default();
    for keyword in Keyword::ALL {
        let Some(variable) = keyword.option().variable else {
            continue;
        };
        for value in ["", "x", "1", "prefer", "/nonexistent"] {
            let mut world = World::new(&[("HOME", "/nonexistent"), ("PGHOST", "/nonexistent")]);
            // A word would be a host to look up.
            if *keyword != Keyword::Host || value != "x" && value != "prefer" {
                world.set(variable, value);
            }
            let given = format!("{}=''", keyword.name());
            let given = if *keyword == Keyword::Servicefile {
                String::new()
            } else {
                given
            };
            total.add(world.assert_same(&texts(&["", "user=u port=1", &given])));
        }
    }
    println!("{total:?}");
    assert!(total.accepted > 250 && total.refused > 50, "{total:?}");
}

#[test]
fn variables_without_a_keyword() {
    for (variables, expected) in [
        (&[("PGREQUIRESSL", "1")][..], "require"),
        (&[("PGREQUIRESSL", "10")], "require"),
        (&[("PGREQUIRESSL", "0")], "prefer"),
        (&[("PGREQUIRESSL", "")], "prefer"),
        (&[("PGREQUIRESSL", "1"), ("PGSSLMODE", "allow")], "allow"),
        (&[("PGSSLROOTCERT", "system")], "verify-full"),
    ] {
        let mut world = World::new(variables);
        world.set("PGHOST", "/nonexistent");
        let tally = world.assert_same(&texts(&[
            "",
            "sslmode=disable",
            "requiressl=0",
            "user=''",
            "sslrootcert=system",
        ]));
        assert!(tally.accepted >= 3, "{tally:?}");
        let config = Conninfo::new().resolve(&world).unwrap();
        assert_eq!(config.tls.mode.as_str(), expected);
    }
    let world = World::new(&[
        ("PGREQUIRESSL", "1"),
        ("PGSSLROOTCERT", "system"),
        ("PGHOST", "/x"),
    ]);
    assert_eq!(world.assert_same(&texts(&["", "sslmode=verify-full"])).refused, 1);
}

#[test]
fn the_encoding_of_the_locale() {
    for locale in ["C", "POSIX", "C.UTF-8"] {
        for variable in ["LC_ALL", "LC_CTYPE", "LANG"] {
            let world = World::new(&[(variable, locale), ("PGHOST", "/nonexistent")]);
            let tally = world.assert_same(&texts(&[
                "client_encoding=auto",
                "client_encoding=AUTO",
                "port=1",
            ]));
            assert_eq!(tally.accepted, 3, "{locale}");
        }
    }
    let world = World::new(&[
        ("LC_ALL", "C"),
        ("LANG", "C.UTF-8"),
        ("PGCLIENTENCODING", "auto"),
        ("PGHOST", "/x"),
    ]);
    assert_eq!(world.assert_same(&texts(&[""])).accepted, 1);
}

#[test]
fn home_folders() {
    for home in [None, Some(""), Some("/"), Some("/nonexistent/"), Some("relative")] {
        let mut world = World::new(&[("PGHOST", "/nonexistent")]);
        if let Some(home) = home {
            world.set("HOME", home);
        }
        assert_eq!(
            world
                .assert_same(&texts(&["", "passfile=''", "passfile=/x", "password=x"]))
                .accepted,
            4
        );
    }
    let world = World::new(&[("PGSYSCONFDIR", ""), ("HOME", "/nonexistent")]);
    assert_eq!(world.assert_same(&texts(&["service=x"])).refused, 1);
}

#[test]
fn service_files() {
    let folder = TempDir::new().unwrap();
    let mut world = world_in(folder.path());
    let mine = folder.path().join("home/.pg_service.conf");
    let common = folder.path().join("etc/pg_service.conf");
    let other = folder.path().join("other.conf");
    let long = "x".repeat(1021);
    write(
        &mine,
        format!(
            "port=9\nnonsense\n[s]\nhost=/s\n port=1 \nuser=\n#user=x\n\n[t] x\ndbname=a=b\ndbname=c\npassword= x\\y 'z' \r\n\
             [long]\n{long}\nhost=/l\n[longer]\n[nested]\nservice=s\n[bad]\nhost\n[unknown]\nbogus=1\n\
             [old]\nrequiressl=1\n[blank]\nhost =x\n[weird]\n\x0bport=1\x0c\n[]\nhost=/empty\n[last]\nport=2"
        ),
        0o644,
    );
    write(
        &common,
        format!("[s]\nhost=/no\n[common]\nhost=/c\n[toolong]\n{long}xx\n"),
        0o644,
    );
    write(&other, "[s]\nhost=/o\n", 0o644);
    let services = texts(&[
        "service=s",
        "service=s port=7 user=u",
        "service=t host=/x",
        "service=long",
        "service=longer",
        "service=nested",
        "service=bad",
        "service=unknown",
        "service=old",
        "service=blank",
        "service=weird host=/x",
        "service=''",
        "service=last host=/x",
        "service=common",
        "service=toolong",
        "service=missing",
        "service='s]'",
        "service='s] x'",
        "service='t] '",
        "postgresql:///?service=s",
        "host=/nonexistent",
    ]);
    let mut total = world.assert_same(&services);
    world.set("PGSERVICE", "s");
    world.set("PGPORT", "3");
    total.add(world.assert_same(&services));
    world.set("PGSERVICEFILE", other.to_str().unwrap());
    total.add(world.assert_same(&services));
    for file in ["/nonexistent/f", "", folder.path().to_str().unwrap()] {
        world.set("PGSERVICEFILE", file);
        total.add(world.assert_same(&services));
    }
    world.0.remove("PGSERVICEFILE");
    fs::remove_file(&mine).unwrap();
    total.add(world.assert_same(&services));
    fs::remove_file(&common).unwrap();
    total.add(world.assert_same(&services));
    println!("{total:?}");
    assert!(
        total.accepted > 30 && total.refused > 60 && total.messages.len() >= 5,
        "{total:?}"
    );
}

/// Lines around the longest that libpq reads.
#[test]
fn lines_of_a_service_file_around_the_limit() {
    let folder = TempDir::new().unwrap();
    let world = world_in(folder.path());
    let mine = folder.path().join("home/.pg_service.conf");
    for length in 1015..1030 {
        for end in ["", "\n", "\r\n", "\nport=1\n"] {
            for start in [
                "[s]\nhost=/x\n#",
                "#",
                "[s]\nhost=/x\noptions=",
                "[s]\nhost=/x\nport=5\n[t]\n",
            ] {
                let filler = "x".repeat(length - start.lines().last().unwrap().len());
                write(&mine, format!("{start}{filler}{end}"), 0o644);
                world.assert_same(&texts(&["service=s"]));
            }
        }
    }
}

#[test]
fn password_files() {
    let folder = TempDir::new().unwrap();
    let world = world_in(folder.path());
    let file = folder.path().join("home/.pgpass");
    let account = dblink_engine::conninfo::Environment::account(&world)
        .unwrap()
        .name;
    let keys = texts(&[
        "user=u dbname=d",
        "user=u dbname=d host=/tmp",
        "user=u dbname=d host=/tmp/",
        "user=u dbname=d host=/nonexistent",
        "user=u dbname=d host=127.0.0.1 port=1",
        "user=u dbname=d hostaddr=127.0.0.1 port=1",
        "user=u dbname=d host=::1 port=1",
        "user=u dbname=d host=/a hostaddr=::1 port=1",
        "user=u dbname=d host=@a port=1",
        "user=u",
        "",
        "user='a:b' dbname='c\\\\d' host=/x",
        "user=u dbname=d port=0 host=/x",
        "user=u dbname=d port=' 5432' host=/x",
        "user=u dbname=d host=/x,/y port=1,2",
        "user=u dbname=d host=/x password=given",
        "user=u dbname=d host=/x password=''",
        "user=u dbname=d host=/x passfile=/nonexistent",
    ]);
    let mut total = Tally::default();
    for content in [
        "",
        "*:*:*:*:tiger",
        "*:*:*:*:tiger\n",
        "#*:*:*:*:tiger",
        " *:*:*:*:tiger",
        "localhost:5432:d:u:tiger\n",
        "/tmp:5432:d:u:no\n/tmp/:*:*:*:slash\n",
        "127.0.0.1:1:d:u:four\n::1:1:d:u:six\n",
        r"\:\:1:1:d:u:six",
        "/a:1:d:u:name\n@a:1:*:*:abstract\n",
        "/x:1:d:u:first\n/y:2:d:u:second\n",
        "*:*:*:u:\n*:*:*:*:second",
        "*:*:*:*:a\\:b\\\\c\\d:e",
        "*:*:*:*:a\\",
        "*:*:*:*:\\",
        "*:*:*:*::x",
        "*:*:*:*",
        "*:*:*:*:tiger\r\r\n",
        "\n\n\r\n*:*:*:*:after",
        "*:*:c\\\\d:a\\:b:escaped",
        "*:*:c\\\\d:a:b:colon",
        "*:*:c\\d:a\\:b:no",
        "*x:*:*:*:no\n\\*:*:*:*:no\n**:*:*:*:no\n",
        "*:0:*:*:zero\n*: 5432:*:*:blank\n",
        "\\*:\\*:\\*:\\*:x",
        "*:*:*:*:\u{fc}\n",
    ] {
        for content in [
            content.to_owned(),
            format!("{}\n{content}", "x".repeat(5000)),
            format!("{content}{}", "y".repeat(300)),
        ] {
            let content = content.replace("USER", &account);
            write(&file, content, 0o600);
            total.add(world.assert_same(&keys));
        }
    }
    println!("{total:?}");
    assert!(total.accepted > 1000, "{total:?}");
}

#[test]
fn password_files_that_are_not_read() {
    let folder = TempDir::new().unwrap();
    let mut world = world_in(folder.path());
    let file = folder.path().join("f");
    world.set("PGPASSFILE", file.to_str().unwrap());
    world.set("PGHOST", "/nonexistent");
    let warnings = |world: &World| {
        let (_, stderr) = world.ask_libpq("start", &texts(&[""]));
        let config = Conninfo::new().resolve(world).unwrap();
        let ours: String = config
            .warnings
            .iter()
            .map(|warning| format!("WARNING: {warning}\n"))
            .collect();
        assert_eq!(ours, stderr);
        assert_eq!(world.assert_same(&texts(&[""])).accepted, 1);
        config.warnings.len()
    };
    assert_eq!(warnings(&world), 0);
    for (mode, count) in [
        (0o600, 0),
        (0o400, 0),
        (0o700, 0),
        (0o640, 1),
        (0o604, 1),
        (0o620, 1),
        (0o601, 1),
        (0o666, 1),
    ] {
        write(&file, "*:*:*:*:tiger", mode);
        assert_eq!(warnings(&world), count, "{mode:o}");
    }
    world.set("PGPASSFILE", folder.path().to_str().unwrap());
    assert_eq!(warnings(&world), 1);
}
