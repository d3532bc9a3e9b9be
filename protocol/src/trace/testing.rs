//! What the tests of both directions share.

use super::Tracer;

/// Checks that the client's bytes give these lines, cut at every position too.
#[track_caller]
pub(super) fn assert_frontend(tracer: Tracer, bytes: &[u8], lines: &str) {
    assert_cut_anywhere(tracer, bytes, lines, |tracer, chunk, out| {
        tracer.frontend(None, chunk, out);
    });
}

/// The same for the server's bytes.
#[track_caller]
pub(super) fn assert_backend(tracer: Tracer, bytes: &[u8], lines: &str) {
    assert_cut_anywhere(tracer, bytes, lines, |tracer, chunk, out| {
        tracer.backend(None, chunk, out);
    });
}

#[track_caller]
fn assert_cut_anywhere(
    tracer: Tracer,
    bytes: &[u8],
    lines: &str,
    feed: impl Fn(&mut Tracer, &[u8], &mut String),
) {
    for cut in 0..=bytes.len() {
        // The switches are the same; what the stream has seen so far is nothing.
        let mut tracer = Tracer {
            expected: tracer.expected,
            options: tracer.options,
            ..Tracer::new()
        };
        let mut out = String::new();
        feed(&mut tracer, &bytes[..cut], &mut out);
        feed(&mut tracer, &bytes[cut..], &mut out);
        assert_eq!(out, lines, "cut at {cut}");
    }
}
