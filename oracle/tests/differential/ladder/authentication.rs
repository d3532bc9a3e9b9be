//! What servers do once a session begins.

use super::script::{
    Answer, Script, Step, Tls, ask_and_refuse, ask_and_welcome, cleartext, error, md5, ok, refuse, scram,
    scram_plus, welcome,
};
use super::{Case, assert_same};

/// Servers that differ in what they do with a startup packet.
fn servers() -> Vec<Case> {
    let mut cases = Vec::new();
    for sqlstate in ["28000", "28P01", "57P03", "53300", "3D000", "08P01", "42704"] {
        let refused = || refuse(sqlstate);
        for (when, script) in [
            ("at once", Script::session(refused())),
            ("over TLS", Script::sessions(welcome(), refused())),
            ("in plain text", Script::sessions(refused(), welcome())),
            ("without TLS", Script::without_tls(refused())),
            (
                "in plain text, and TLS fails",
                Script {
                    plain: refused(),
                    ..Script::beginning(Tls::Alert)
                },
            ),
            (
                "in plain text, and no to an SSLRequest",
                Script {
                    plain: refused(),
                    ..Script::answering(Answer::Bytes(b"N"))
                },
            ),
            (
                "after AuthenticationOk",
                Script::session(vec![Step::Say(ok()), Step::Say(error(sqlstate)), Step::Close]),
            ),
        ] {
            cases.push(Case::new(&format!("{sqlstate} {when}"), script));
        }
    }
    for (how, step) in [("closed", Step::Close), ("reset", Step::Reset)] {
        let steps = vec![step.clone()];
        for (when, script) in [
            ("at once", Script::session(steps.clone())),
            ("over TLS", Script::sessions(welcome(), steps.clone())),
            ("in plain text", Script::sessions(steps, welcome())),
            (
                "after AuthenticationOk",
                Script::session(vec![Step::Say(ok()), step]),
            ),
        ] {
            cases.push(Case::new(&format!("{how} {when}"), script));
        }
    }
    cases
}

/// Servers that ask for a password.
fn asking_servers() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, request) in [("cleartext", cleartext()), ("MD5", md5()), ("SCRAM", scram())] {
        let refused = |sqlstate| ask_and_refuse(request.clone(), sqlstate);
        for (then, script) in [
            ("28P01", Script::session(refused("28P01"))),
            ("28P01 over TLS", Script::sessions(welcome(), refused("28P01"))),
            (
                "28P01 in plain text",
                Script::sessions(refused("28P01"), welcome()),
            ),
            ("28P01 without TLS", Script::without_tls(refused("28P01"))),
            ("57P03", Script::session(refused("57P03"))),
            (
                "a close",
                Script::session(vec![Step::Say(request.clone()), Step::Await, Step::Close]),
            ),
        ] {
            cases.push(Case::new(&format!("{name}, then {then}"), script));
        }
    }
    for (name, request) in [("cleartext", cleartext()), ("MD5", md5())] {
        cases.push(Case::new(
            &format!("{name}, then a welcome"),
            Script::session(ask_and_welcome(request)),
        ));
    }
    let bound = Script::sessions(
        ask_and_refuse(scram(), "28P01"),
        ask_and_refuse(scram_plus(), "28P01"),
    );
    cases.push(Case::new("SCRAM with channel binding", bound));
    cases.push(Case::new(
        "channel binding in plain text",
        Script::session(ask_and_refuse(scram_plus(), "28P01")),
    ));
    cases
}

#[test]
fn refusals() {
    assert_same(servers());
}

#[test]
fn refusals_with_another_host() {
    assert_same(servers().into_iter().map(Case::with_another_host));
}

#[test]
fn passwords() {
    assert_same(
        asking_servers()
            .into_iter()
            .map(|case| case.with("password=secret")),
    );
}

#[test]
fn no_password() {
    assert_same(asking_servers());
}

#[test]
fn passwords_with_another_host() {
    let cases = asking_servers().into_iter();
    assert_same(cases.map(|case| case.with("password=secret").with_another_host()));
}

/// What the client demands of authentication.
#[test]
fn demands() {
    let mut cases = Vec::new();
    for options in [
        "require_auth=scram-sha-256",
        "require_auth=!password",
        "require_auth=none",
        "channel_binding=require",
        "channel_binding=disable",
    ] {
        let asking = asking_servers().into_iter();
        let mut servers: Vec<_> = asking
            .filter(|case| case.name.ends_with("then 28P01") || case.name.contains("channel binding"))
            .collect();
        servers.push(Case::new("a welcome", Script::welcoming()));
        servers.push(Case::new("no TLS", Script::without_tls(welcome())));
        let options = format!("password=secret {options}");
        cases.extend(servers.into_iter().map(|case| case.with(&options)));
    }
    assert_same(cases);
}
