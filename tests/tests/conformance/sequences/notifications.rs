//! LISTEN and NOTIFY.

use crate::call::Unnamed;
use crate::place::REMOTE;
use crate::sequence::*;

pub(crate) fn sequences() -> Vec<Sequence> {
    vec![
        sequence!["payloads";
            connect("n", REMOTE),
            get_notify("n"),
            exec("n", "listen x"),
            exec("n", "listen \"Y y\""),
            get_notify("n"),
            exec("n", "notify x"),
            exec("n", "notify x, ''"),
            exec("n", "notify x, 'with a payload'"),
            exec("n", "notify \"Y y\", 'é'"),
            exec("n", "notify z"),
            get_notify("n"),
            get_notify("n"),
        ],
        sequence!["of another session";
            connect("n", REMOTE),
            connect("m", REMOTE),
            exec("n", "listen x"),
            bystander("notify x, 'from outside'"),
            exec("m", "notify x, 'from m'"),
            // What was notified has come before the answer to this.
            exec("n", "set work_mem = '1MB'"),
            get_notify("n"),
            get_notify("m"),
        ],
        sequence!["in a transaction";
            connect("n", REMOTE),
            exec("n", "listen x"),
            exec("n", "begin"),
            exec("n", "notify x, 'once'"),
            exec("n", "notify x, 'once'"),
            exec("n", "notify x, 'twice'"),
            get_notify("n"),
            exec("n", "commit"),
            get_notify("n"),
            exec("n", "begin"),
            exec("n", "notify x, 'never'"),
            exec("n", "rollback"),
            get_notify("n"),
        ],
        sequence!["no longer listened to";
            connect("n", REMOTE),
            exec("n", "listen x"),
            exec("n", "notify x"),
            exec("n", "unlisten x"),
            exec("n", "notify x"),
            get_notify("n"),
        ],
        sequence!["among results that wait";
            connect("n", REMOTE),
            exec("n", "listen x"),
            send_query("n", "notify x; select 1"),
            until_answered("notify x; select 1"),
            get_notify("n"),
            get_result("n").columns("a text"),
            get_result("n").columns("a int"),
            get_result("n").columns("a int"),
            get_notify("n"),
        ],
        sequence!["of no connection";
            get_notify(Unnamed),
            get_notify("n"),
            connect(Unnamed, REMOTE),
            get_notify(Unnamed),
        ],
    ]
}
