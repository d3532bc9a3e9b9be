//! Where we mean to differ from libpq: each test shows what libpq does, what we do instead, and says why.

use super::clients::{Kind, Outcome};
use super::script::{
    Answer, Script, Step, authentication, challenge, cleartext, error, md5, message, ok, ready, scram,
    welcome,
};
use super::{Case, Course};

/// What libpq and we do with this server, with a password.
fn play(way: &str, script: Script, options: &str) -> (Course, Course) {
    let case = Case::new("difference", script).with(&format!("password=secret {options}"));
    let (_, libpq, ours) = case.play(&[way]).remove(0);
    (libpq, ours)
}

/// What was done on each connection to the only host.
fn done(course: &Course) -> Vec<Vec<&str>> {
    let connections = course.records[0].iter();
    connections
        .map(|events| events.iter().map(String::as_str).collect())
        .collect()
}

/// The text of the only failure.
#[track_caller]
fn text(course: &Course) -> &str {
    match &course.outcome {
        Outcome::Failed(kinds) => match &kinds[..] {
            [Kind::Other(text)] => text,
            other => panic!("{other:?}"),
        },
        Outcome::Connected => panic!("connected"),
    }
}

fn failed(kind: Kind) -> Outcome {
    Outcome::Failed(vec![kind])
}

/// Bytes behind the yes to an SSLRequest were put there by somebody in between (CVE-2021-23222). Both refuse; libpq after it
/// has begun TLS, and so by the error of TLS, if that fails first. We look before TLS begins.
#[test]
fn bytes_before_tls() {
    for injected in [&b"N"[..], b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I"] {
        for way in super::WAYS.into_iter().filter(|way| {
            // The others send no SSLRequest.
            !way.contains("disable") && !way.contains("allow") && !way.contains("direct")
        }) {
            let (libpq, ours) = play(way, Script::answering(Answer::Yes(injected)), "");
            assert_eq!(
                done(&libpq),
                [["SSLRequest", "ClientHello to localhost for postgresql"]],
                "{way}"
            );
            assert_eq!(libpq.outcome, failed(Kind::Unencrypted), "{way}");
            assert_eq!(done(&ours), [["SSLRequest"]], "{way}");
            assert_eq!(ours.outcome, failed(Kind::Unencrypted), "{way}");
        }
    }
}

/// One method a connection: else a server could take the MD5 of the password, which it need not know, and then ask for the
/// password itself.
#[test]
fn a_second_request() {
    let requests = [Step::Say(md5()), Step::Await, Step::Say(cleartext()), Step::Await];
    let script = Script::session([&requests[..], &welcome()].concat());
    let (libpq, ours) = play("sslmode=disable", script, "");
    assert_eq!(
        done(&libpq),
        [["StartupMessage", "MD5 of the password", "the password"]]
    );
    assert_eq!(libpq.outcome, Outcome::Connected);
    assert_eq!(done(&ours), [["StartupMessage", "MD5 of the password"]]);
    assert_eq!(
        text(&ours),
        "server sent AuthenticationCleartextPassword after authentication by another request had begun"
    );
}

/// A server that has begun SCRAM must prove that it knows the password, without `require_auth` too: that is what SCRAM is for.
#[test]
fn a_server_that_proves_nothing() {
    let begin = [Step::Say(scram()), Step::Await];
    let prove = [
        Step::Say(scram()),
        Step::Answer(|first| challenge(first, "4096")),
        Step::Await,
    ];
    for (steps, events) in [
        (&begin[..], &["StartupMessage", "SCRAM-SHA-256"][..]),
        (&prove, &["StartupMessage", "SCRAM-SHA-256", "SCRAM proof"]),
    ] {
        let script = Script::session([steps, &welcome()].concat());
        let (libpq, ours) = play("sslmode=disable", script, "");
        assert_eq!(
            (done(&libpq), &libpq.outcome),
            (vec![events.to_vec()], &Outcome::Connected)
        );
        assert_eq!(done(&ours), [events]);
        assert_eq!(
            text(&ours),
            "server accepted the client, but did not complete SCRAM authentication"
        );
    }
}

/// The number of iterations is read as it stands there: libpq lets it wrap, and what follows it be.
#[test]
fn odd_challenges() {
    type Challenge = fn(&[u8]) -> Vec<u8>;
    let odd: [(Challenge, &str); 2] = [
        (
            |first| challenge(first, "4294967297"),
            "4294967297 SCRAM iterations",
        ),
        (|first| challenge(first, "1,x"), "malformed SCRAM message"),
    ];
    for (answer, expected) in odd {
        let steps = [Step::Say(scram()), Step::Answer(answer), Step::Await];
        let script = Script::session([&steps[..], &[Step::Say(error("28P01"))]].concat());
        let (libpq, ours) = play("sslmode=disable", script, "");
        assert_eq!(done(&libpq), [["StartupMessage", "SCRAM-SHA-256", "SCRAM proof"]]);
        assert_eq!(done(&ours), [["StartupMessage", "SCRAM-SHA-256"]]);
        assert!(text(&ours).contains(expected), "{}", text(&ours));
    }
}

/// It is the server who says how long a client has to work: not longer than for a million iterations. libpq would work for
/// minutes here, so it is not asked.
#[test]
fn too_many_iterations() {
    let answer: fn(&[u8]) -> Vec<u8> = |first| challenge(first, "2000000000");
    let steps = vec![Step::Say(scram()), Step::Answer(answer), Step::Await];
    let case = Case::new("iterations", Script::session(steps)).with("password=secret");
    let ours = case.courses(&["sslmode=disable"], super::clients::ours).remove(0);
    assert_eq!(done(&ours), [["StartupMessage", "SCRAM-SHA-256"]]);
    assert!(text(&ours).contains("2000000000"), "{}", text(&ours));
}

/// A server that does not ask for a certificate is refused as soon as TLS has come about: libpq refuses it after it has sent
/// the password.
#[test]
fn a_certificate_that_is_not_asked_for() {
    let steps = [Step::Say(cleartext()), Step::Await];
    let script = Script::session([&steps[..], &welcome()].concat());
    let (libpq, ours) = play("sslmode=require", script, "sslcertmode=require");
    let hello = ["SSLRequest", "ClientHello to localhost for postgresql"];
    let login = ["StartupMessage over TLS", "the password"];
    assert_eq!(done(&libpq), [[&hello[..], &login].concat()]);
    assert_eq!(done(&ours), [hello]);
    for course in [libpq, ours] {
        assert_eq!(course.outcome, failed(Kind::NoCertificate));
    }
}

/// A name that is to be verified, and that nobody has given, is missed at the latest when TLS has come about, as in libpq, but
/// may be missed before.
#[test]
fn no_host_name() {
    for way in ["sslmode=verify-full", "sslmode=verify-full sslnegotiation=direct"] {
        // The empty item takes the place of the host that the case has.
        let (libpq, ours) = play(way, Script::welcoming(), "host=''");
        assert_eq!(
            text(&libpq),
            "host name must be specified for a verified SSL connection"
        );
        assert_eq!(text(&ours), text(&libpq));
        let mut events = done(&ours).into_iter().flatten();
        assert!(events.all(|event| !event.starts_with("StartupMessage")));
    }
}

/// With prefer-standby, a session with a server that is no standby is kept until it is known that there is none. libpq closes
/// it, and dials once more.
#[test]
fn prefer_standby() {
    let parameter = message(b'S', b"in_hot_standby\0off\0");
    let steps = vec![Step::Say([ok(), parameter, ready()].concat()), Step::Await];
    let mut case = Case::new("two primaries", Script::session(steps));
    case.hosts.push(case.hosts[0].clone());
    let way = "sslmode=disable target_session_attrs=prefer-standby";
    let (_, libpq, ours) = case.play(&[way]).remove(0);
    let session = vec!["StartupMessage", "message X"];
    for (course, first) in [(libpq, 2), (ours, 1)] {
        assert_eq!(course.records[0], vec![session.clone(); first]);
        assert_eq!(course.records[1], vec![session.clone(); 1]);
        assert_eq!(course.outcome, Outcome::Connected);
    }
}

/// A server that ends the session instead of telling what it is has given an answer, and the next host is tried. libpq says
/// goodbye to it, which it can no longer hear.
#[test]
fn a_last_word_for_an_answer() {
    let question: fn(&[u8]) -> Vec<u8> = |_| error("57P01");
    let old = message(b'S', b"server_version\x0013.4\0");
    let steps = vec![
        Step::Say([ok(), old, ready()].concat()),
        Step::Answer(question),
        Step::Await,
    ];
    let mut case = Case::new("a last word", Script::session(steps));
    let parameters = message(b'S', b"in_hot_standby\0off\0");
    let primary = vec![Step::Say([ok(), parameters, ready()].concat()), Step::Await];
    case.hosts.push(Script::session(primary));
    let way = "sslmode=disable target_session_attrs=primary";
    let (_, libpq, ours) = case.play(&[way]).remove(0);
    assert_eq!(done(&libpq), [["StartupMessage", "message Q", "message X"]]);
    assert_eq!(done(&ours), [["StartupMessage", "message Q"]]);
    for course in [libpq, ours] {
        assert_eq!(course.records[1], [["StartupMessage", "message X"]]);
        assert_eq!(course.outcome, Outcome::Connected);
    }
}

/// Where `require_auth` allows nothing but GSSAPI and SSPI, nobody is asked: we have neither. libpq, which may have them, finds
/// out at the server.
#[test]
fn what_we_do_not_speak() {
    for list in ["gss", "sspi", "gss,sspi"] {
        let options = format!("require_auth={list}");
        let (libpq, ours) = play("sslmode=disable", Script::welcoming(), &options);
        assert_eq!(done(&libpq), [["StartupMessage"]], "{list}");
        assert!(done(&ours).is_empty(), "{list}");
        for course in [libpq, ours] {
            assert_eq!(course.outcome, failed(Kind::Forbidden), "{list}");
        }
    }
    // Other demands are met or not by what the server does.
    let (libpq, ours) = play("sslmode=disable", Script::welcoming(), "require_auth=gss,none");
    assert_eq!(ours.outcome, Outcome::Connected);
    assert_eq!(libpq, ours);
}

/// A server that lets us in before it has got the startup packet does not get it any more.
#[test]
fn a_server_that_does_not_wait() {
    let script = Script::answering(Answer::Bytes(b"NR\0\0\0\x08\0\0\0\0Z\0\0\0\x05I"));
    let (libpq, ours) = play("sslmode=prefer", script, "");
    assert_eq!(done(&libpq), [["SSLRequest", "StartupMessage"]]);
    assert_eq!(done(&ours), [["SSLRequest", "Terminate"]]);
    for course in [libpq, ours] {
        assert_eq!(course.outcome, Outcome::Connected);
    }
}

/// The methods that neither has.
#[test]
fn unknown_requests() {
    for (code, data) in [(2, &b""[..]), (99, b"")] {
        let request = authentication(code, data);
        let script = Script::session(vec![Step::Say([request, ok(), ready()].concat())]);
        let (libpq, ours) = play("sslmode=disable", script, "");
        assert_eq!(libpq, ours);
    }
}
