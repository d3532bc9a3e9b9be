//! Seeds for the targets that look at whole exchanges.

use super::Seeds;
use crate::command::{Command, Name, Rows};
use crate::conversation::Step as Happening;
use crate::handshake::Part;
use crate::server::Lot;
use crate::server_model::Step;

pub(super) fn add(seeds: &mut Seeds) {
    add_handshake(seeds);
    add_conversation(seeds);
    add_server_model(seeds);
    add_trace(seeds);
}

/// A connection's beginning, and a session's middle.
fn add_trace(seeds: &mut Seeds) {
    /// Whether the client sent it, and what it is.
    type Piece = (bool, &'static [u8]);
    let parts: [(&str, u8, &[Piece]); 3] = [
        (
            "login",
            0,
            &[
                (true, b"\0\0\0\x08\x04\xd2\x16\x2f"),
                (false, b"N"),
                (true, b"\0\0\0\x0f\0\x03\0\0user\0u\0\0"),
                (false, b"R\0\0\0\x08\0\0\0\x03"),
                (true, b"p\0\0\0\x0atiger\0"),
                (
                    false,
                    b"R\0\0\0\x08\0\0\0\0K\0\0\0\x0c\0\0\0\x07\x01\x02\x03\x04Z\0\0\0\x05I",
                ),
            ],
        ),
        (
            "session",
            1,
            &[
                (true, b"Q\0\0\0\x0dselect 1\0"),
                (
                    false,
                    b"D\0\0\0\x0b\0\x01\0\0\0\x011C\0\0\0\x0dSELECT 1\0Z\0\0\0\x05I",
                ),
            ],
        ),
        ("error", 3, &[(false, b"E\0\0\0\x10SERROR\0Mno\0\0")]),
    ];
    for (name, switches, parts) in parts {
        let mut data = vec![switches];
        for (frontend, bytes) in parts {
            data.push(u8::from(*frontend));
            crate::input::put_bytes(&mut data, bytes);
        }
        seeds.add("trace", name, data);
    }
}

/// One handshake for each method, and for each kind of encryption.
fn add_handshake(seeds: &mut Seeds) {
    // Encryption, answer, hash of the certificate, channel binding, requirement, credentials, versions; cuts.
    let plain = [0, 0, 0, 0, 0, 0, 0, 5, 1, 9, 30];
    let tls = [2, 0, 1, 0, 0, 0, 0, 5, 1, 9, 30];
    let must_bind = [3, 0, 1, 2, 3, 0, 3, 5, 1, 9, 30];
    let refused = [2, 1, 0, 0, 0, 0, 0, 5, 1, 9, 30];
    let gss = [4, 2, 0, 0, 0, 0, 0, 5, 1, 9, 30];
    let negotiates = [0, 0, 0, 0, 0, 0, 1, 5, 1, 9, 30];
    let has_keys = [0, 0, 0, 0, 0, 13, 0, 5, 1, 9, 30];
    let message = Part::Message;
    let start = || [0, 9, 10, 12, 13].map(message).to_vec();
    let scram = |offer: u8, binding: u8| {
        let exchange = vec![message(offer), Part::Challenge, Part::Final(binding)];
        [exchange, start()].concat()
    };
    for (name, setup, parts) in [
        ("trust", plain, start()),
        ("password", plain, [vec![message(1)], start()].concat()),
        ("md5", tls, [vec![message(2)], start()].concat()),
        ("scram", plain, scram(3, 0)),
        ("scram-keys", has_keys, scram(3, 0)),
        ("scram-not-offered", tls, scram(3, 1)),
        ("scram-plus", must_bind, [vec![message(8)], scram(4, 2)].concat()),
        ("oauth", tls, [vec![message(5)], start()].concat()),
        ("oauth-refused", tls, [5, 6, 14].map(message).to_vec()),
        ("two-methods", plain, [2, 1].map(message).to_vec()),
        (
            "unproved",
            plain,
            [vec![message(3), Part::Challenge], start()].concat(),
        ),
        ("encryption-refused", refused, start()),
        ("gss-encryption", gss, start()),
        ("negotiation", negotiates, [vec![message(8)], start()].concat()),
        ("bare-refusal", plain, vec![message(15)]),
        (
            "raw",
            plain,
            vec![Part::Bytes(b"R\0\0\0\x08\0\0\0\0N\0\0\0\x05\0".to_vec())],
        ),
    ] {
        let mut data = setup.to_vec();
        parts.iter().for_each(|part| part.write(&mut data));
        seeds.add("handshake", name, data);
    }
}

const UNNAMED: Name = Name(0);

fn query(text: &[u8]) -> Command {
    Command::Query(text.to_vec())
}

/// Parse, Bind, Describe and Execute.
fn flight(text: &[u8]) -> Vec<Command> {
    vec![
        Command::Parse(UNNAMED, text.to_vec()),
        Command::Bind(UNNAMED, UNNAMED),
        Command::DescribePortal(UNNAMED),
        Command::Execute(UNNAMED, 0, Rows::AsDescribed),
    ]
}

fn add_conversation(seeds: &mut Seeds) {
    let give = |commands: &[Command]| commands.iter().cloned().map(Happening::Give).collect::<Vec<_>>();
    let hear = |replies: &[u8]| {
        replies
            .iter()
            .map(|reply| Happening::Reply(*reply, 3))
            .collect::<Vec<_>>()
    };
    let synced = |text| give(&[flight(text), vec![Command::Sync]].concat());
    let sent = || vec![Happening::Sent(200)];
    for (name, steps) in [
        (
            "simple",
            [give(&[query(b"select")]), sent(), hear(&[12, 16, 16, 10, 7])].concat(),
        ),
        (
            "extended",
            [synced(b"select"), sent(), hear(&[0, 1, 12, 16, 10, 7])].concat(),
        ),
        (
            "pipeline",
            [synced(b"a"), synced(b"b"), hear(&[0, 27, 7, 0, 1, 13, 18, 10, 7])].concat(),
        ),
        ("limited", {
            let execute = Command::Execute(Name(1), 2, Rows::Known);
            [
                give(&[execute.clone(), execute, Command::Sync]),
                hear(&[18, 4, 10, 7]),
            ]
            .concat()
        }),
        ("statement", {
            let commands = [
                Command::Parse(Name(1), b"select".to_vec()),
                Command::DescribeStatement(Name(1)),
                Command::CloseStatement(Name(1)),
                Command::ClosePortal(Name(2)),
                Command::Sync,
            ];
            [give(&commands), hear(&[0, 11, 12, 2, 2, 7])].concat()
        }),
        ("copy-in", {
            let data = Command::CopyData(b"1\n".to_vec());
            let copy = give(&[data.clone(), data, Command::CopyDone]);
            [synced(b"copy"), hear(&[38]), copy, hear(&[10, 7])].concat()
        }),
        ("copy-in-fails", {
            let data = Command::CopyData(b"1\n".to_vec());
            [synced(b"copy"), hear(&[38]), give(&[data]), hear(&[27, 7, 41])].concat()
        }),
        ("copy-in-abandoned", {
            [synced(b"copy"), give(&[Command::Abandon]), hear(&[38, 27, 41])].concat()
        }),
        (
            "copy-out",
            [give(&[query(b"copy")]), hear(&[23, 20, 21, 29, 6, 10, 7])].concat(),
        ),
        ("copy-both", {
            let end = give(&[Command::CopyDone]);
            [
                give(&[query(b"w")]),
                hear(&[24, 20]),
                end,
                hear(&[21, 6, 13, 18, 10, 10, 7]),
            ]
            .concat()
        }),
        (
            "function",
            [give(&[Command::FunctionCall]), hear(&[26, 7])].concat(),
        ),
        ("asynchronous", hear(&[29, 30, 31, 32, 33, 28])),
        (
            "closing",
            [give(&[query(b"select")]), hear(&[12, 28]), vec![Happening::Eof]].concat(),
        ),
        (
            "terminated",
            [give(&[query(b"a"), Command::Terminate]), hear(&[10, 7])].concat(),
        ),
        (
            "raw",
            vec![Happening::Bytes(1, b"N\0\0\0\x05\0Z\0\0\0\x03".to_vec())],
        ),
    ] {
        let mut data = Vec::new();
        steps.iter().for_each(|step| step.write(&mut data));
        seeds.add("conversation", name, data);
    }
}

fn add_server_model(seeds: &mut Seeds) {
    const CAREFUL: u8 = 0;
    const CARELESS: u8 = 1;
    let give = Step::Give;
    let serve = |lot| Step::Serve(Lot(lot));
    let data = || give(Command::CopyData(b"1\n".to_vec()));
    let all = || {
        vec![
            Step::Send(0),
            serve(0),
            serve(0),
            serve(0),
            serve(0),
            serve(0),
            Step::Deliver(0),
        ]
    };
    let copy = |statement| vec![Step::Flight(statement), give(Command::Sync)];
    for (name, careful, steps) in [
        ("simple", CAREFUL, vec![give(query(b"su")), Step::Exchange]),
        (
            "simple-fails",
            CAREFUL,
            vec![give(query(b"ssu")), Step::Send(0), serve(0x15), Step::Exchange],
        ),
        (
            "pipeline",
            CAREFUL,
            [copy(b's'), copy(b'x'), copy(b'h'), copy(b'u')].concat(),
        ),
        (
            "transaction",
            CAREFUL,
            [copy(b'b'), copy(b's'), copy(b'x'), copy(b's'), copy(b'c')].concat(),
        ),
        ("suspended", CAREFUL, {
            let execute = || give(Command::Execute(UNNAMED, 2, Rows::Known));
            let named = [
                Command::Parse(Name(1), b"s".to_vec()),
                Command::DescribeStatement(Name(1)),
                Command::Bind(UNNAMED, Name(1)),
            ];
            let end = vec![
                execute(),
                execute(),
                execute(),
                give(Command::Sync),
                Step::Exchange,
            ];
            [named.map(give).to_vec(), end].concat()
        }),
        (
            "copy-in",
            CAREFUL,
            [copy(b'g'), all(), vec![data(), give(Command::CopyDone)]].concat(),
        ),
        ("copy-in-twice-by-one-query", CAREFUL, {
            let done = || [give(Command::CopyDone), Step::Exchange];
            let start = [
                give(query(b"gg")),
                give(Command::Sync),
                give(Command::Sync),
                Step::Exchange,
            ];
            [start.to_vec(), done().to_vec(), done().to_vec()].concat()
        }),
        ("copy-in-fails-itself", CAREFUL, {
            // The server reads Parse to Execute, fails, and only then reads the Sync.
            let early = vec![
                Step::Send(0),
                serve(0),
                serve(0),
                serve(0),
                serve(0),
                serve(7),
                Step::Deliver(0),
            ];
            [copy(b'g'), early].concat()
        }),
        ("copy-in-fails-later", CAREFUL, {
            // The Sync was ignored.
            [copy(b'g'), all(), vec![serve(7), Step::Deliver(0)]].concat()
        }),
        ("copy-in-failed-by-us", CAREFUL, {
            [
                copy(b'g'),
                all(),
                vec![data(), give(Command::CopyFail(b"enough".to_vec()))],
            ]
            .concat()
        }),
        (
            "copy-in-twice",
            CAREFUL,
            vec![give(query(b"gsg")), give(Command::Sync), Step::Exchange],
        ),
        (
            "copy-in-abandoned",
            CAREFUL,
            [copy(b'g'), vec![give(Command::Abandon)]].concat(),
        ),
        (
            "copy-in-and-more",
            CARELESS,
            [copy(b'g'), copy(b's'), vec![give(query(b"s"))]].concat(),
        ),
        ("copy-both", CAREFUL, {
            let streams = vec![
                serve(0),
                serve(0x18),
                serve(0x08),
                Step::Deliver(0),
                give(Command::CopyDone),
            ];
            [vec![give(query(b"w")), Step::Send(0)], streams].concat()
        }),
        (
            "function",
            CAREFUL,
            vec![give(Command::FunctionCall), Step::Send(9), Step::Exchange],
        ),
        (
            "shutdown",
            CAREFUL,
            vec![give(query(b"s")), Step::Send(0), serve(0xf4)],
        ),
        (
            "unasked",
            CAREFUL,
            vec![serve(0xfd), serve(0xfe), serve(0xff), Step::Deliver(11)],
        ),
        (
            "terminated",
            CAREFUL,
            vec![give(query(b"s")), Step::Exchange, give(Command::Terminate)],
        ),
    ] {
        let mut bytes = vec![careful];
        steps.iter().for_each(|step| step.write(&mut bytes));
        seeds.add("server_model", name, bytes);
    }
}
