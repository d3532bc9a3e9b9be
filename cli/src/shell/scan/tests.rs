use super::super::lookup::Lookup;
use super::super::variables::Variables;
use super::super::voice::Voice;
use super::{Open, Scanner, Stop};

/// What is found in these lines: statements, `\` with the rest of the line behind it, and at last what is left of a statement.
fn found_with(lines: &[&str], variables: &[(&str, &str)], standard: bool) -> (Vec<String>, Open) {
    let voice = Voice::default();
    let mut known = Variables::new(voice.clone());
    for (name, value) in variables {
        known.set(name, value).unwrap();
    }
    let lookup = Lookup {
        variables: &known,
        active: true,
        standard_conforming_strings: standard,
        voice: &voice,
    };
    let mut scanner = Scanner::default();
    let mut statement = String::new();
    let mut found = Vec::new();
    let mut open = Open::Nothing;
    for line in lines {
        if !statement.is_empty() {
            statement.push('\n');
        }
        scanner.set_line(line);
        loop {
            match scanner.scan(&lookup, &mut statement) {
                Stop::Semicolon => found.push(std::mem::take(&mut statement)),
                Stop::Backslash => found.push(format!("\\{}", scanner.rest_of_line())),
                Stop::End(left) => {
                    open = left;
                    break;
                }
            }
        }
    }
    if !statement.is_empty() {
        found.push(statement);
    }
    (found, open)
}

fn found(lines: &[&str]) -> Vec<String> {
    found_with(lines, &[], true).0
}

/// What is open behind this line.
fn open(line: &str) -> Open {
    found_with(&[line], &[], true).1
}

#[test]
fn a_semicolon_ends_a_statement_where_it_is_no_part_of_something_else() {
    assert_eq!(found(&["select 1; select 2;"]), ["select 1;", "select 2;"]);
    for whole in [
        "select ';';",
        "select \";\";",
        "select 'it''s;';",
        "select e'\\';';",
        "select E'\\\\';",
        "select U&'\\0041;';",
        "select U&\"a;\";",
        "select b';', X';', n';';",
        "select $$;$$;",
        "select $a$;$$;$b$;$a$;",
        "select (1;2);",
        "select /* ; /* ; */ ; */ 1;",
        "select 1 -- ;",
        "select a$$;",
        "select $1;",
        "select 'ü;ü';",
        "select \"日本;\";",
    ] {
        assert_eq!(found(&[whole]), [whole]);
    }
    // A letter that ends a longer word begins no string with escapes.
    assert_eq!(found(&["select ae'\\'; x"]), ["select ae'\\';", "x"]);
    assert_eq!(found(&["select 1e'\\'; x"]), ["select 1e'\\';", "x"]);
    assert_eq!(found(&["select )); x"]), ["select ));", "x"]);
}

#[test]
fn old_strings_have_escapes() {
    let lines = ["select 'a\\';b';"];
    assert_eq!(found_with(&lines, &[], false).0, ["select 'a\\';b';"]);
    assert_eq!(found_with(&lines, &[], true).0[0], "select 'a\\';");
}

#[test]
fn a_semicolon_with_a_backslash_ends_nothing() {
    assert_eq!(found(&["select 1\\; select 2;"]), ["select 1; select 2;"]);
    assert_eq!(found(&["select 1\\:\\: int;"]), ["select 1:: int;"]);
}

#[test]
fn a_body_ends_at_its_end() {
    let line =
        "create function f() returns int begin atomic select case when true then 1 end; select 2; end;";
    assert_eq!(found(&[line]), [line]);
    let line = "create or replace procedure p() begin atomic select 1; end;";
    assert_eq!(found(&[line, "begin; end;"]), [line, "begin;", "end;"]);
    assert_eq!(
        found(&["create table begin (a int); x"]),
        ["create table begin (a int);", "x"]
    );
}

#[test]
fn what_stands_before_a_statement_is_no_part_of_it() {
    assert_eq!(
        found(&["  -- no", "  ", "select 1 -- yes", "  ;"]),
        ["select 1 -- yes\n  ;"]
    );
    // But as with psql, this is.
    assert_eq!(found(&["/* yes */ select 1;"]), ["/* yes */ select 1;"]);
}

#[test]
fn a_backslash_begins_a_command() {
    assert_eq!(found(&["select 1 \\g file"]), ["\\g file", "select 1 "]);
    assert_eq!(found(&["\\echo a; b"]), ["\\echo a; b"]);
    assert_eq!(found(&["select '\\x', 'y';"]), ["select '\\x', 'y';"]);
}

#[test]
fn what_is_open_is_told() {
    assert_eq!(open(""), Open::Nothing);
    assert_eq!(open("-- a"), Open::Nothing);
    assert_eq!(open("select 1;"), Open::Nothing);
    assert_eq!(open("select 1"), Open::Statement);
    assert_eq!(open("select '"), Open::String);
    assert_eq!(open("select \""), Open::Name);
    assert_eq!(open("select /* a"), Open::Comment);
    assert_eq!(open("select /* /* */"), Open::Comment);
    assert_eq!(open("select $x$ $$"), Open::Dollar);
    assert_eq!(open("select (1, (2)"), Open::Paren);
    assert_eq!(
        open("create function f() returns int begin atomic select 1;"),
        Open::Statement
    );
}

#[test]
fn variables_are_put_in_their_places() {
    let variables = [
        ("a", "1"),
        ("q", "it's"),
        ("b", "C:\\x"),
        ("s", "select 2; select 3"),
        ("r", ":r"),
        ("o", "'x"),
    ];
    let found = |line: &str| found_with(&[line], &variables, true).0;
    assert_eq!(found("select :a, x:a;"), ["select 1, x1;"]);
    assert_eq!(
        found("select :'q', :'b', :\"q\";"),
        ["select 'it''s',  E'C:\\\\x', \"it's\";"]
    );
    assert_eq!(found("select :{?a}, :{?z};"), ["select TRUE, FALSE;"]);
    // What a value ends, it ends; what it opens is open.
    assert_eq!(found(":s;"), ["select 2;", "select 3;"]);
    assert_eq!(found("select :o;:a';"), ["select 'x;:a';"]);
    for unchanged in [
        "select ':a', \":a\", $$:a$$ /* :a */ -- :a",
        "select 1::a, x[1::2], a:=b",
        "select :z, :'z', :\"z\", :{?, :{?z, :'a, :",
        "select :r;",
    ] {
        assert_eq!(found(unchanged), [unchanged]);
    }
}

#[test]
fn no_text_makes_it_panic() {
    let pieces = [
        "'", "\"", "$", "$$", "$a$", "(", ")", "/*", "*/", "--", "\\", ";", ":", ":a", ":'", ":{?", "e'",
        "u&", "ü", "日", " ", "1", "\n",
    ];
    for first in pieces {
        for second in pieces {
            for third in pieces {
                let line = format!("{first}{second}{third}");
                let (found, _) = found_with(&[&line, &line], &[("a", "'ä")], true);
                assert!(found.len() <= 2 * line.len());
            }
        }
    }
}
