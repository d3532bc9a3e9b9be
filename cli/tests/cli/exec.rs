//! `dblink exec`.

use crate::support::{conn, database, dblink, run};

#[test]
fn help() {
    insta::assert_snapshot!(run(["exec", "--help"]).out, @"");
}

#[test]
fn a_command_gives_its_tag() {
    let conn = database("exec_tags");
    let tag = |args: &[&str]| {
        let said = run(["exec", &conn].iter().chain(args));
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{args:?}");
        said.out
    };
    assert_eq!(tag(&["create table t (a int, b text)"]), "CREATE TABLE\n");
    assert_eq!(tag(&["insert into t values (1), (2)"]), "INSERT 0 2\n");
    assert_eq!(
        tag(&["insert into t values ($1, $2)", "-p", "-3", "-p", "it's"]),
        "INSERT 0 1\n"
    );
    assert_eq!(
        tag(&["update t set a = 0 where b = $1", "-p", "it's"]),
        "UPDATE 1\n"
    );
    assert_eq!(tag(&["begin; delete from t; commit"]), "COMMIT\n");
    assert_eq!(tag(&["insert into t values (1); delete from t"]), "DELETE 1\n");
    assert_eq!(tag(&["vacuum t"]), "VACUUM\n");
    assert_eq!(tag(&["do $$ begin perform 1; end $$"]), "DO\n");
}

#[test]
fn rows_are_refused_before_they_are_made() {
    let conn = database("exec_rows");
    run(["exec", &conn, "create table t (a int)"]);
    for args in [
        &["insert into t values (1) returning a"][..],
        &["insert into t values ($1) returning a", "-p", "1"],
    ] {
        let said = run(["exec", &conn].iter().chain(args));
        assert_eq!((said.code, said.out.as_str()), (Some(1), ""));
        insta::allow_duplicates! { insta::assert_snapshot!(said.err, @""); }
    }
    assert_eq!(run(["exec", &conn, "select 1; select 2"]).code, Some(1));
    assert_eq!(run(["query", &conn, "select count(*) from t"]).out, "count\n0\n");
}

#[test]
fn errors() {
    let fails = |args: &[&str]| {
        let said = run(["exec", &conn()]
            .iter()
            .map(ToString::to_string)
            .chain(args.iter().map(ToString::to_string)));
        assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{}", said.err);
        said.err
    };
    insta::assert_snapshot!(fails(&["drop table\n  atlantis"]), @"");
    insta::assert_snapshot!(fails(&["drop tabel t"]), @"");
    insta::assert_snapshot!(fails(&["drop table t; drop tabel t"]), @"");
    insta::assert_snapshot!(fails(&["create table t (a int); drop table t", "-p", "1"]), @"");
    insta::assert_snapshot!(fails(&["copy pg_class to stdout"]), @"");
    insta::assert_snapshot!(fails(&[""]), @"");
    insta::assert_snapshot!(fails(&["do $$ begin perform pg_sleep(60); end $$", "--timeout", "100ms"]), @"");
}

#[test]
fn a_tag_that_cannot_be_told_is_no_success() {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let said: crate::support::Said = dblink()
        .args(["exec", &conn(), "do ''"])
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
