//! `dblink conninfo`.

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Said, dblink, run};

/// What it prints as JSON.
fn json(args: &[&str]) -> Value {
    json_with(&[], args)
}

/// The same with these variables.
fn json_with(variables: &[(&str, &str)], args: &[&str]) -> Value {
    let said = with(variables, &[&["--json"], args].concat());
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    serde_json::from_str(&said.out).unwrap()
}

fn with(variables: &[(&str, &str)], args: &[&str]) -> Said {
    let mut command = dblink();
    command.arg("conninfo").args(args).envs(variables.iter().copied());
    command.output().unwrap().into()
}

fn string(value: &str) -> Value {
    json!({"value": value, "source": "string"})
}

#[test]
fn a_table_has_each_option_and_its_source_in_libpqs_order() {
    let variables = [("PGAPPNAME", "report"), ("PGPASSWORD", "tiger")];
    let said = with(
        &variables,
        &["port=1 host=db1,db2 user=' scott' sslpassword=tiger"],
    );
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    insta::assert_snapshot!(said.out, @"
     option           | value   | source
    ------------------+---------+------------------------
     user             |  scott  | string
     password         | ***     | environment PGPASSWORD
     host             | db1,db2 | string
     port             | 1       | string
     application_name | report  | environment PGAPPNAME
     sslpassword      | ***     | string
    ");
}

#[test]
fn json_has_exactly_the_options_that_are_set() {
    assert_eq!(json(&[""]), json!({}));
    assert_eq!(json(&["", "--string-only"]), json!({}));
    assert_eq!(json(&["postgres://"]), json!({}));
    assert_eq!(json(&["host=''"]), json!({"host": string("")}));
    let variables = [
        ("PGHOST", "a"),
        ("PGPORT", "1"),
        ("PGREQUIRESSL", "1"),
        ("PGDATABASE", ""),
    ];
    let variable = |value: &str, name: &str| json!({"value": value, "source": "environment", "from": name});
    assert_eq!(
        json_with(&variables, &["port=2"]),
        json!({
            "dbname": variable("", "PGDATABASE"),
            "host": variable("a", "PGHOST"),
            "port": string("2"),
            "sslmode": variable("require", "PGREQUIRESSL"),
        })
    );
    assert_eq!(
        json_with(&variables, &["port=2", "--string-only"]),
        json!({"port": string("2")})
    );
}

#[test]
fn json_has_libpqs_order() {
    let said = run([
        "conninfo",
        "--json",
        "application_name=x port=1 host=h dbname=d user=u",
    ]);
    insta::assert_snapshot!(said.out, @r#"
    {
      "user": {"value": "u", "source": "string"},
      "dbname": {"value": "d", "source": "string"},
      "host": {"value": "h", "source": "string"},
      "port": {"value": "1", "source": "string"},
      "application_name": {"value": "x", "source": "string"}
    }
    "#);
}

#[test]
fn uris_are_decoded_and_old_names_are_new_ones() {
    assert_eq!(
        json(&[
            "postgresql://u%20v:p%40w@[::1]:1,%2Ftmp/d%2Fe?ssl=true&application_name=a%26b",
            "--show-secrets"
        ]),
        json!({
            "user": string("u v"), "password": string("p@w"), "host": string("::1,/tmp"), "port": string("1,"),
            "dbname": string("d/e"), "application_name": string("a&b"), "sslmode": string("require"),
        })
    );
    assert_eq!(json(&["requiressl=0"]), json!({"sslmode": string("prefer")}));
    // It is one of psql's habits to look into it, not of the connection string.
    assert_eq!(json(&["dbname='host=x'"]), json!({"dbname": string("host=x")}));
    assert_eq!(
        json(&["dbname=postgresql://h/d"]),
        json!({"dbname": string("postgresql://h/d")})
    );
}

#[test]
fn secrets_are_shown_only_where_that_is_asked_for() {
    let all = "password=tiger1 sslpassword=tiger2 oauth_client_secret=tiger3 user=scott";
    let variables = [("PGPASSWORD", "tiger4")];
    for conn in [all, "user=scott"] {
        for args in [
            &["--json"][..],
            &[],
            &["--defaults"],
            &["--string-only"],
            &["--json", "--defaults"],
        ] {
            let said = with(&variables, &[args, &[conn]].concat());
            assert_eq!(said.code, Some(0), "{}", said.err);
            assert!(
                said.out.contains("scott") && !said.out.contains("tiger"),
                "{}",
                said.out
            );
        }
    }
    let shown = with(&variables, &[all, "--show-secrets"]).out;
    assert_eq!(shown.matches("tiger").count(), 3, "{shown}");
    assert!(
        with(&variables, &["user=scott", "--show-secrets"])
            .out
            .contains("tiger4")
    );
    // What may be a secret is not shown in an error either.
    let refused = run(["conninfo", "password=tiger lily"]);
    assert_eq!(refused.code, Some(2));
    insta::assert_snapshot!(refused.err, @r#"dblink: missing "=" after "***" in connection info string"#);
}

#[test]
fn files_give_values_too() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(
        path("services"),
        "[sales]\nhost=a,b\nport=1\nuser=scott\ndbname=d\n",
    )
    .unwrap();
    fs::write(path("passwords"), "b:1:d:scott:tiger\n").unwrap();
    fs::set_permissions(path("passwords"), Permissions::from_mode(0o600)).unwrap();
    let (services, passwords) = (path("services"), path("passwords"));
    let variables = [
        ("PGSERVICEFILE", services.as_str()),
        ("PGPASSFILE", passwords.as_str()),
    ];
    let service = |value: &str| json!({"value": value, "source": "service", "from": services});
    let expected = |password: Value, host: Value| {
        json!({
            "service": string("sales"),
            "servicefile": {"value": services, "source": "environment", "from": "PGSERVICEFILE"},
            "user": service("scott"), "port": service("1"), "dbname": service("d"), "host": host,
            "password": {"value": password, "source": "password-file", "from": passwords},
            "passfile": {"value": passwords, "source": "environment", "from": "PGPASSFILE"},
        })
    };
    assert_eq!(
        json_with(&variables, &["service=sales", "--show-secrets"]),
        expected(json!([null, "tiger"]), service("a,b"))
    );
    assert_eq!(
        json_with(&variables, &["service=sales host=b"]),
        expected(json!("***"), string("b"))
    );
    let said = with(&variables, &["service=sales"])
        .out
        .replace(folder.path().to_str().unwrap(), "FOLDER");
    // How wide the columns are depends on the folder's name.
    let rows = said.lines().map(|line| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        cells.join(" | ")
    });
    let rows: Vec<_> = rows.filter(|row| !row.starts_with('-')).collect();
    insta::assert_snapshot!(rows.join("\n"), @"
    option | value | source
    service | sales | string
    servicefile | FOLDER/services | environment PGSERVICEFILE
    user | scott | service FOLDER/services
    password (a:1) |  | password-file FOLDER/passwords
    password (b:1) | *** | password-file FOLDER/passwords
    passfile | FOLDER/passwords | environment PGPASSFILE
    dbname | d | service FOLDER/services
    host | a,b | service FOLDER/services
    port | 1 | service FOLDER/services
    ");

    let none = with(&variables, &["service=none"]);
    assert_eq!((none.code, none.out.as_str()), (Some(2), ""));
    insta::assert_snapshot!(none.err, @r#"dblink: definition of service "none" not found"#);
    assert_eq!(
        json_with(&variables, &["service=none", "--string-only"]),
        json!({"service": string("none")})
    );

    fs::set_permissions(path("passwords"), Permissions::from_mode(0o644)).unwrap();
    let open = with(&variables, &["service=sales", "--json"]);
    assert_eq!(open.code, Some(0));
    assert!(!open.out.contains("password-file"), "{}", open.out);
    insta::assert_snapshot!(open.err.replace(folder.path().to_str().unwrap(), "FOLDER"), @r#"dblink: warning: password file "FOLDER/passwords" has group or world access; permissions should be u=rw (0600) or less"#);
}

#[test]
fn a_profile_shows_where_it_is() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("profiles");
    let file = file.to_str().unwrap();
    fs::write(file, "[here]\nhost=h\n").unwrap();
    assert_eq!(
        json_with(&[("DBLINK_PROFILES", file)], &["@here"]),
        json!({
            "service": string("here"), "servicefile": string(file),
            "host": {"value": "h", "source": "service", "from": file},
        })
    );
}

#[test]
fn defaults_are_shown_where_they_are_asked_for() {
    let all = json_with(&[("PGUSER", "scott")], &["", "--defaults"]);
    assert_eq!(all["port"], json!({"value": "5432", "source": "default"}));
    assert_eq!(all["dbname"], json!({"value": "scott", "source": "default"}));
    let user = json(&["", "--defaults"])["user"].clone();
    assert_eq!(user["source"], json!("os-user"));
    assert_eq!(run(["conninfo", "", "--defaults", "--string-only"]).code, Some(2));
}

#[test]
fn what_is_not_utf_8_is_there_in_hexadecimal() {
    let mut command = dblink();
    command
        .args(["conninfo", "--json", "--string-only"])
        .arg(OsStr::from_bytes(b"sslkey=a\xff user=\xc3\xbc"));
    let said: Said = command.output().unwrap().into();
    let json: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(
        json,
        json!({
            "user": string("ü"),
            "sslkey": {"value": "a\u{fffd}", "hex": "61ff", "source": "string"},
        })
    );
    let said = run(["conninfo", "--string-only", "postgresql://%ff%1b[2J@"]);
    assert!(
        said.out.contains(r" user   | \xff\x1b[2J | string"),
        "{}",
        said.out
    );
    let said = run(["conninfo", "postgresql://%ff@"]);
    assert_eq!(
        (said.code, said.err.as_str()),
        (
            Some(2),
            "dblink: value of connection option \"user\" is not valid UTF-8\n"
        )
    );
}

#[test]
fn bad_input_is_told_in_libpqs_words() {
    for (conn, text) in [
        ("host", "missing \"=\" after \"host\" in connection info string"),
        ("host='a", "unterminated quoted string in connection info string"),
        ("bogus=1", "invalid connection option \"bogus\""),
        (
            "postgresql://[::1",
            "end of string reached when looking for matching \"]\" in IPv6 host address in URI: \"postgresql://[::1\"",
        ),
        (
            "postgresql://h?a",
            "missing key/value separator \"=\" in URI query parameter: \"a\"",
        ),
        ("postgresql://h?zzz=1", "invalid URI query parameter: \"zzz\""),
        ("postgresql://%zz", "invalid percent-encoded token: \"%zz\""),
    ] {
        for args in [
            &["conninfo", conn][..],
            &["conninfo", conn, "--string-only", "--json"],
        ] {
            let said = run(args);
            assert_eq!(
                (said.code, said.out.as_str(), said.err),
                (Some(2), "", format!("dblink: {text}\n")),
                "{conn}"
            );
        }
    }
}

#[test]
fn a_value_that_cannot_be_is_shown_and_told() {
    for (conn, text) in [
        ("host=h sslmode=x", "invalid sslmode value: \"x\""),
        (
            "host=h port=x",
            "invalid integer value \"x\" for connection option \"port\"",
        ),
        ("host=h port=1,2", "could not match 2 port numbers to 1 hosts"),
    ] {
        let said = run(["conninfo", "--json", conn]);
        assert_eq!((said.code, said.err), (Some(2), format!("dblink: {text}\n")));
        let json: Value = serde_json::from_str(&said.out).unwrap();
        assert_eq!(
            (json.as_object().unwrap().len(), &json["host"]),
            (2, &string("h"))
        );
        // Whether it is one is not the parser's business.
        assert_eq!(run(["conninfo", "--json", "--string-only", conn]).code, Some(0));
    }
}
