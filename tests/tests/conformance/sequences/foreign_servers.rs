//! Foreign servers in the place of connection strings.

use dblink_tests::roles::TRUST_USER;

use crate::call::Unnamed;
use crate::place::REMOTE;
use crate::sequence::*;

/// A server for everybody whose user mapping says how to log in.
fn server(sequence: Sequence, name: &str, mappings: &[(&str, &str)]) -> Sequence {
    let mut sequence = sequence.setup(&format!(
        "create server {name} foreign data wrapper dblink_fdw \
         options (host '<socket>', port '<port>', dbname '<database>')"
    ));
    for (user, options) in mappings {
        sequence = sequence.setup(&format!(
            "create user mapping for {user} server {name} options ({options})"
        ));
    }
    sequence
}

pub(crate) fn sequences() -> Vec<Sequence> {
    let all = || {
        vec![
            connect("n", "fs").into(),
            connect(Unnamed, "fs").into(),
            query("n", "select current_user::text").columns("a text").into(),
            query(Unnamed, "select current_user::text")
                .columns("a text")
                .into(),
            query("fs", "select current_user::text").columns("a text").into(),
            query("fs", "select 1/0").columns("a int").into(),
            query("fs", "select 1/0").columns("a int").fail(false).into(),
            exec("fs", "set work_mem = '1MB'").into(),
            exec("fs", "nonsense").into(),
            get_connections().into(),
            is_busy("fs").into(),
            connect_u("m", "fs").into(),
        ]
    };
    let superuser = ("postgres", "user 'postgres'");
    let scram = "user 'scram_user', password 'scram-secret'";
    let usage = "grant usage on foreign server fs to public";
    let mut sequences = vec![
        server(
            Sequence::new("a foreign server, as superuser", all()),
            "fs",
            &[superuser],
        ),
        server(
            Sequence::new("a foreign server for everybody, as superuser", all()),
            "fs",
            &[("public", scram)],
        ),
        server(
            Sequence::new("a foreign server, as an ordinary role", all()).by(TRUST_USER),
            "fs",
            &[(TRUST_USER, scram)],
        )
        .setup(usage),
        server(
            Sequence::new(
                "a foreign server of another's mapping, as an ordinary role",
                all(),
            )
            .by(TRUST_USER),
            "fs",
            &[superuser],
        )
        .setup(usage),
        server(
            Sequence::new("a foreign server without mapping, as superuser", all()),
            "fs",
            &[],
        ),
        server(
            Sequence::new("a foreign server without USAGE, as an ordinary role", all()).by(TRUST_USER),
            "fs",
            &[(TRUST_USER, scram)],
        ),
        server(
            Sequence::new(
                "a foreign server without USAGE or mapping, as an ordinary role",
                all(),
            )
            .by(TRUST_USER),
            "fs",
            &[],
        ),
        server(
            Sequence::new(
                "a foreign server that asks for no password, as an ordinary role",
                all(),
            )
            .by(TRUST_USER),
            "fs",
            &[(TRUST_USER, "user 'trust_user'")],
        )
        .setup(usage),
        server(
            Sequence::new(
                "a foreign server that does not ask for the password, as an ordinary role",
                all(),
            )
            .by(TRUST_USER),
            "fs",
            &[(TRUST_USER, "user 'trust_user', password 'unasked'")],
        )
        .setup(usage),
        server(
            Sequence::new("a foreign server and a wrong password", all()),
            "fs",
            &[("postgres", "user 'scram_user', password 'wrong'")],
        ),
        server(
            Sequence::new("a foreign server and a user with quotes", all()),
            "fs",
            &[("postgres", r"user 'it''s \a', password 'x y'")],
        ),
    ];
    sequences.push(server(
        sequence!["an open name comes before a foreign server";
            connect("fs", REMOTE),
            exec("fs", "set myvar.x = 'by name'"),
            query("fs", "select current_setting('myvar.x', true)").columns("a text"),
            disconnect("fs"),
            query("fs", "select current_setting('myvar.x', true)").columns("a text"),
            connect("fs", "fs"),
            get_connections(),
        ],
        "fs",
        &[superuser],
    ));
    let long = "f".repeat(63);
    sequences.push(server(
        sequence!["a foreign server of a long name";
            connect("n", &*long),
            connect("m", long.clone() + "ff"),
            query(long.clone() + "f", "select 1").columns("a int"),
            get_connections(),
        ],
        &long,
        &[superuser],
    ));
    sequences.push(server(
        sequence!["a foreign server of another case";
            connect("n", "Fs"),
            connect("n", "FS"),
            connect("m", "fs"),
        ],
        "\"Fs\"",
        &[superuser],
    ));
    sequences.push(
        sequence!["a server of another wrapper";
            connect("n", "other"),
            query("n", "select current_user::text").columns("a text"),
        ]
        .setup("create foreign data wrapper other_wrapper options (foo 'bar')")
        .setup("create server other foreign data wrapper other_wrapper options (host '<socket>', port '<port>', dbname '<database>', nonsense 'x')")
        .setup("create user mapping for postgres server other options (user 'postgres')"),
    );
    sequences
}
