//! Control characters from a server do not steer the terminal.

use crate::support::{Said, conn, psql_aligned, run};

/// Clears the screen, rings the bell, goes back, and moves the cursor by a C1 character.
const MEAN: &str = r"E'\x1b[2J\x07 a\rb\x7f \u009b1A\tc\nd'";
/// The same as it is told.
const SHOWN: &str = "\\x1b[2J\\x07 a\\x0db\\x7f \\xc2\\x9b1A\tc\nd";

fn said(args: &[&str]) -> Said {
    let said = run(args);
    let is_harmless = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    assert!(said.err.chars().all(is_harmless), "{said:?}");
    assert!(said.out.chars().all(is_harmless), "{said:?}");
    said
}

#[test]
fn errors_and_notices_show_them() {
    let conn = conn();
    let raised = |level: &str| {
        format!("do $$ begin raise {level} using message = {MEAN}, detail = {MEAN}, hint = {MEAN}; end $$",)
    };
    let told = format!("00000: {SHOWN}\nDETAIL:  {SHOWN}\nHINT:  {SHOWN}\n");
    let (noticed, failed) = (raised("notice"), raised("exception"));
    let on = format!("a={conn}");
    for args in [
        &["query", &conn, &noticed][..],
        &["exec", &conn, &noticed],
        &["scatter", &noticed, "--on", &on],
    ] {
        let said = said(args);
        assert_eq!(said.code, Some(0), "{said:?}");
        assert!(said.err.starts_with(&format!("NOTICE:  {told}")), "{said:?}");
    }
    let told = told.replace("00000", "P0001");
    for args in [
        &["query", &conn, &failed][..],
        &["exec", &conn, &failed],
        &["scatter", &failed, "--on", &on],
    ] {
        let said = said(args);
        assert_eq!(said.code, Some(1), "{said:?}");
        assert!(said.err.contains(&format!("ERROR:  {told}")), "{said:?}");
    }
}

#[test]
fn names_of_the_user_show_them() {
    let said = said(&["query", "host=\u{1b}[2J", "select 1"]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("\\x1b[2J"), "{said:?}");
    let said = self::said(&["shell", "\u{1b}[2Jx"]);
    assert_eq!(said.code, Some(2));
    assert!(
        said.err.contains("\\x1b[2Jx") && !said.err.contains('\u{1b}'),
        "{said:?}"
    );
}

/// A column is as wide as psql makes it, too.
#[test]
fn tables_show_them_as_psqls_do() {
    let sql = format!(
        "select {} as a, 'b' as b",
        MEAN.replace(r"\nd", "") // A second line looks otherwise.
    );
    let said = said(&["query", &conn(), &sql, "--format", "table"]);
    let lines = |text: &str| {
        text.trim_end()
            .lines()
            .map(str::trim_end)
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert_eq!(lines(&said.out), lines(&psql_aligned(&sql)));
}

/// What is no table is for programs.
#[test]
fn data_has_them() {
    let sql = format!("select {MEAN} as a");
    let csv = run(["query", &conn(), &sql, "--format", "csv"]);
    assert!(
        csv.out.contains("\u{1b}[2J\u{7} a\rb\u{7f} \u{9b}1A\tc\nd"),
        "{csv:?}"
    );
}
