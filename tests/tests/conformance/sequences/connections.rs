//! Connections: that come about, and that do not.

use crate::call::Unnamed;
use crate::place::REMOTE;
use crate::sequence::*;

pub(crate) fn sequences() -> Vec<Sequence> {
    let mut sequences = vec![
        sequence!["a name is taken";
            connect("n", REMOTE),
            connect("n", REMOTE),
            connect("n", "nonsense"),
            connect_u("n", REMOTE),
            get_connections(),
            query("n", "select 1").columns("a int"),
            disconnect("n"),
            connect("n", REMOTE),
            disconnect("n"),
            disconnect("n"),
        ],
        sequence!["the unnamed connection is replaced";
            connect(Unnamed, REMOTE),
            exec(Unnamed, "set application_name = 'remote'; set myvar.x = 'first'"),
            connect(Unnamed, REMOTE),
            query(Unnamed, "select current_setting('myvar.x', true)").columns("a text"),
            until_sessions(1),
            remote_states(),
        ],
        sequence!["the unnamed connection stays where a new one fails";
            connect(Unnamed, REMOTE),
            connect(Unnamed, "host=<socket> port=<port> user=postgres dbname=nowhere"),
            connect(Unnamed, "nonsense"),
            query(Unnamed, "select 1").columns("a int"),
        ],
        sequence!["a failed connection leaves no name";
            connect("n", "host=<socket> port=<port> user=postgres dbname=nowhere"),
            get_connections(),
            connect("n", REMOTE),
            get_connections(),
        ],
        sequence!["nothing is connected";
            get_connections(),
            disconnect(Unnamed),
            disconnect("n"),
            query(Unnamed, "select 1").columns("a int"),
            query(Unnamed, "select 1").columns("a int").fail(false),
            exec(Unnamed, "select 1"),
            exec(Unnamed, "select 1").fail(false),
            get_notify(Unnamed),
        ],
        sequence!["the unnamed connection twice disconnected";
            connect(Unnamed, REMOTE),
            disconnect(Unnamed),
            disconnect(Unnamed),
            connect(Unnamed, REMOTE),
            open(Unnamed, "c", "select 1"),
            disconnect(Unnamed),
            connect(Unnamed, REMOTE),
            open(Unnamed, "c", "select 1"),
            close(Unnamed, "c"),
            remote_states(),
        ],
        sequence!["a connection for one call";
            exec(REMOTE, "create table t(a int)"),
            exec(REMOTE, "begin; insert into t values (1)"),
            query(REMOTE, "select * from t").columns("a int"),
            query(REMOTE, "select 1/0").columns("a int"),
            query(REMOTE, "select 1/0").columns("a int").fail(false),
            query(REMOTE, "select 1, 2").columns("a int"),
            query(REMOTE, "select 'x'").columns("a int"),
            exec(REMOTE, "drop table nowhere"),
            exec(REMOTE, "drop table nowhere").fail(false),
            exec(REMOTE, "select 1"),
            until_sessions(0),
        ],
        sequence!["a name is not a connection string";
            connect("n", "other"),
            connect("other", REMOTE),
            connect("n", "other"),
        ],
        sequence!["a URI";
            connect("n", "postgresql://postgres@/<database>?host=<socket>&port=<port>"),
            query("n", "select current_user::text, current_database() = '<database>'").columns("a text, b bool"),
            query("postgres://postgres@/<database>?host=<socket>&port=<port>", "select 1").columns("a int"),
        ],
        sequence!["encodings";
            connect("n", "<remote> client_encoding=latin1"),
            query("n", "show client_encoding").columns("a text"),
            query("n", "select 'é€'").columns("a text"),
            exec("n", "set client_encoding = latin1"),
            query("n", "select 'é'").columns("a text"),
            query("<remote> client_encoding=latin1", "show client_encoding").columns("a text"),
        ],
    ];
    let malformed = [
        "nonsense",
        "host",
        "=",
        "host=a b",
        "nonsense=1",
        "host='<socket>",
        r"host=<socket> port=x",
        "host=<socket> port=99999",
        "host=<socket> port=<port> user=postgres dbname=<database> connect_timeout=x",
        "host=<socket> port=<port> user=postgres dbname=<database> sslmode=nonsense",
        "host=<socket> port=<port> user=postgres dbname=<database> options='-c nonsense=1'",
        "host=<socket> port=<port> user=postgres dbname=<database> client_encoding=nonsense",
        "host=<socket> port=<port> user=postgres dbname=nowhere",
        "host=<socket> port=<port> user=nobody dbname=<database>",
        "host=<socket> port=<port> user=scram_user password=wrong dbname=<database>",
        "host=<socket> port=<port> user=scram_user dbname=<database>",
        "host=<socket> port=1 user=postgres",
        "host=/nonexistent port=<port> user=postgres",
        "host=127.0.0.1 port=1 user=postgres",
        "host=127.0.0.1,<socket> port=1,1 user=postgres",
        "hostaddr=nonsense port=<port>",
        "postgresql://[::1",
        "postgresql://host:port:port/",
        "postgresql://postgres@/nowhere?host=<socket>&port=<port>",
        "postgresql:///x?nonsense=1",
        "service=nonsense",
    ];
    for text in malformed {
        sequences.push(sequence![format!("connection string {text:?}");
            connect("n", text),
            connect(Unnamed, text),
            query(text, "select 1").columns("a int"),
            query(text, "select 1").columns("a int").fail(false),
            exec(text, "select 1"),
            get_connections(),
        ]);
    }
    sequences
}
