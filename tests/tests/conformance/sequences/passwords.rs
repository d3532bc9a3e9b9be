//! Who may connect without a password: a superuser may.

use dblink_tests::roles::TRUST_USER;

use crate::call::Unnamed;
use crate::sequence::*;

pub(crate) fn sequences() -> Vec<Sequence> {
    let mut sequences = vec![sequence!["an option of a newer libpq";
        connect("n", "<trust_user> require_auth=none"),
    ]];
    let connstrs = [
        "<trust_user>",
        "<trust_user> password=unasked",
        "<trust_user> password=''",
        "<scram_user>",
        "<scram_user> password=scram-secret",
        "<scram_user> password=wrong",
        "<md5_user> password=md5-secret",
        "<cleartext_user> password=cleartext-secret",
        "host=127.0.0.1 port=<port> dbname=<database> user=scram_user password=scram-secret",
        "postgresql://scram_user:scram-secret@127.0.0.1:<port>/<database>",
        "postgresql://trust_user@127.0.0.1:<port>/<database>",
        "nonsense",
        "<trust_user> nonsense=1",
        "<scram_user> passfile=/nonexistent",
    ];
    for connstr in connstrs {
        let ordinary = sequence![format!("an ordinary role connects by {connstr:?}");
            connect("n", connstr),
            connect(Unnamed, connstr),
            query(connstr, "select 1").columns("a int"),
            exec(connstr, "set work_mem = '1MB'"),
            exec(connstr, "set work_mem = '1MB'").fail(false),
            get_connections(),
            connect_u("n", connstr),
        ];
        sequences.push(ordinary.by(TRUST_USER));
        let allowed = sequence![format!("a role that may call connect_u does so by {connstr:?}");
            connect_u("n", connstr),
            connect_u(Unnamed, connstr),
            get_connections(),
            query("n", "select current_user::text").columns("a text"),
        ];
        sequences.push(allowed.by(TRUST_USER).setup(
            "grant execute on function dblink_connect_u(text), dblink_connect_u(text, text) to public",
        ));
        sequences.push(sequence![format!("a superuser connects by {connstr:?}");
            connect("n", connstr),
            connect_u(Unnamed, connstr),
            query("n", "select current_user::text").columns("a text"),
        ]);
    }
    sequences
}
