//! libpq's table of options and ours.

use dblink_engine::conninfo::{DisplayClass, Keyword};

#[test]
fn this_is_libpq_18() {
    assert_eq!(dblink_oracle::version() / 10_000, 18);
}

#[test]
fn tables_are_the_same() {
    let theirs = dblink_oracle::table();
    let ours = Keyword::ALL
        .iter()
        .filter(|keyword| keyword.option().since != Some("19"));
    let ours: Vec<_> = ours
        .map(|keyword| {
            let option = keyword.option();
            // libpq sets this default later.
            let default = option.default.filter(|_| *keyword != Keyword::Sslcertmode);
            dblink_oracle::OptionRow {
                keyword: keyword.name().to_owned(),
                variable: option.variable.map(str::to_owned),
                compiled: default.map(str::to_owned),
                dispchar: match option.display {
                    DisplayClass::Normal => "",
                    DisplayClass::Password => "*",
                    DisplayClass::Debug => "D",
                }
                .to_owned(),
            }
        })
        .collect();
    assert_eq!(ours, theirs);
}
