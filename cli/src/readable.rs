//! Waiting for what is to be read, so that the waiting can be given up.

use std::io;
use std::os::fd::AsFd;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::pipe::pipe;
use tokio::task::spawn_blocking;

/// Waits until reading gives something, be it that this is the end. Dropped, it waits no more, and has taken nothing.
///
/// A terminal gives lines: what is not taken here is there for whoever reads next.
///
/// # Errors
///
/// That of the system if there is nothing to wait for.
pub(crate) async fn readable(from: &impl AsFd) -> io::Result<()> {
    let from = from.as_fd().try_clone_to_owned()?;
    // This end is closed when nobody waits any more, which the other one tells.
    let (given_up, _waiting) = pipe()?;
    let waiting = spawn_blocking(move || {
        let mut both = [&from, &given_up].map(|fd| PollFd::new(fd, PollFlags::IN));
        loop {
            match poll(&mut both, None) {
                Ok(_) => return Ok(()),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    });
    waiting.await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{Read as _, Write as _};
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    #[tokio::test]
    async fn it_takes_nothing() {
        let (reader, writer) = pipe().unwrap();
        let (mut reader, mut writer) = (File::from(reader), File::from(writer));
        {
            let mut waiting = pin!(readable(&reader));
            let mut cx = Context::from_waker(Waker::noop());
            assert!(matches!(waiting.as_mut().poll(&mut cx), Poll::Pending));
        }
        writer.write_all(b"a").unwrap();
        readable(&reader).await.unwrap();
        drop(writer);
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        assert_eq!(text, "a");
        // The end is something, too.
        readable(&reader).await.unwrap();
    }
}
