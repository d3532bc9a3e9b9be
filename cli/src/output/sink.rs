//! Where the output goes.
//!
//! A thread writes. So a reader who does not read holds back the rows, but neither Ctrl-C nor the time limit.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, IsTerminal as _, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _, fchown};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use tempfile::TempPath;
use tokio::io::Interest;
use tokio::net::unix::pipe;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::failure::Failure;

/// How much gathers before it is written.
const FULL: usize = 64 << 10;
/// How much room is kept for what gathers next.
const KEPT: usize = 4 * FULL;
/// How many buffers wait to be written.
const WAITING: usize = 2;

/// The standard output, or a file.
#[derive(Debug)]
pub(crate) struct Sink {
    place: Place,
    /// What has gathered.
    buffer: Vec<u8>,
    /// To the thread that writes. None when that has ended.
    full: Option<mpsc::Sender<Vec<u8>>>,
    /// Buffers that were written.
    empty: mpsc::Receiver<Vec<u8>>,
    thread: JoinHandle<io::Result<File>>,
    /// Told by the thread when the output is open, or never will be. None when that was heard.
    opened: Option<oneshot::Receiver<()>>,
    /// A pipe, so that it is seen when its reader closes it.
    pipe: Option<pipe::Sender>,
}

#[derive(Debug)]
enum Place {
    Stdout,
    /// A file that is not a regular one, such as `/dev/null`, is written to directly.
    Special(PathBuf),
    /// A regular one is written beside, and put into its place when it is whole.
    File {
        path: PathBuf,
        temporary: TempPath,
    },
}

impl Sink {
    /// The standard output.
    ///
    /// # Errors
    ///
    /// [`Failure::Usage`] if the system has no room for it.
    pub(crate) fn stdout() -> Result<Self, Failure> {
        // Its own copy: the standard library's has a buffer, which would flush with each line.
        let stdout = io::stdout().as_fd().try_clone_to_owned();
        let stdout = File::from(stdout.map_err(|error| Failure::output(&error))?);
        let pipe = stdout.try_clone().ok().and_then(watched);
        Ok(Self::new(Place::Stdout, pipe, move || Ok(stdout)))
    }

    /// A file; the standard output if none is named, or `-`.
    ///
    /// # Errors
    ///
    /// [`Failure::Usage`] if the file cannot be made.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = path.filter(|path| *path != Path::new("-")) else {
            return Self::stdout();
        };
        let failed = |error: io::Error| Failure::io(format_args!("write \"{}\"", path.display()), &error);
        match fs::metadata(path) {
            Ok(metadata) if !metadata.is_file() => {
                let opened = path.to_owned();
                let open = move || File::options().write(true).open(opened);
                let place = Place::Special(path.to_owned());
                if metadata.file_type().is_fifo() {
                    // That waits for whoever is to read it.
                    return Ok(Self::new(place, None, open));
                }
                let file = open().map_err(failed)?;
                Ok(Self::new(place, None, move || Ok(file)))
            }
            Ok(metadata) => {
                // One that may not be written shall not be replaced either.
                let replaced = File::options().append(true).open(path);
                let path = replaced.and_then(|_| fs::canonicalize(path));
                Self::file(path.map_err(failed)?, Some(&metadata)).map_err(failed)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => match fs::read_link(path) {
                // A link to what is to be made.
                Ok(target) => Self::open(Some(&path.parent().unwrap_or(path).join(target))),
                Err(_) => Self::file(path.to_owned(), None).map_err(failed),
            },
            Err(error) => Err(failed(error)),
        }
    }

    /// A regular file, perhaps in the place of another one, whose permissions it takes over.
    fn file(path: PathBuf, replaced: Option<&Metadata>) -> io::Result<Self> {
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        // As for any new file the user's mask says what of this holds; but nobody reads what others could not read before.
        let mode = if replaced.is_some() { 0o600 } else { 0o666 };
        let (file, temporary) = tempfile::Builder::new()
            .prefix(".dblink-")
            // Opened here: an error then is the system's, without the temporary file's name.
            .make_in(folder, |path| {
                let mut options = File::options();
                options.write(true).create_new(true).mode(mode).open(path)
            })
            .map(tempfile::NamedTempFile::into_parts)?;
        if let Some(replaced) = replaced {
            let (user, group) = (replaced.uid(), replaced.gid());
            // Whom a file belongs to is for root to say; its group, for those who are in it.
            if fchown(&file, Some(user), Some(group)).is_err() {
                let _ = fchown(&file, None, Some(group));
            }
            file.set_permissions(replaced.permissions())?;
        }
        Ok(Self::new(Place::File { path, temporary }, None, move || Ok(file)))
    }

    fn new(
        place: Place,
        pipe: Option<pipe::Sender>,
        open: impl FnOnce() -> io::Result<File> + Send + 'static,
    ) -> Self {
        let (full, mut filled) = mpsc::channel::<Vec<u8>>(WAITING);
        let (emptied, empty) = mpsc::channel(WAITING + 2);
        let (tell_opened, opened) = oneshot::channel();
        let thread = spawn_blocking(move || {
            let file = open()?;
            // Perhaps nobody wants to know.
            let _ = tell_opened.send(());
            while let Some(mut bytes) = filled.blocking_recv() {
                write(&file, &bytes)?;
                bytes.clear();
                if bytes.capacity() <= KEPT {
                    // If there is no room for it, it is not needed.
                    let _ = emptied.try_send(bytes);
                }
            }
            Ok(file)
        });
        Self {
            place,
            buffer: Vec::new(),
            full: Some(full),
            empty,
            thread,
            opened: Some(opened),
            pipe,
        }
    }

    /// Whether it is a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        matches!(self.place, Place::Stdout) && io::stdout().is_terminal()
    }

    /// How wide the terminal is, if it is one.
    pub(crate) fn width(&self) -> Option<u16> {
        self.is_terminal()
            .then(|| comfy_table::Table::new().width())
            .flatten()
    }

    /// What gathers, to be added to.
    #[inline]
    pub(crate) const fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// Whether much has gathered.
    #[inline]
    pub(crate) const fn is_full(&self) -> bool {
        self.buffer.len() >= FULL
    }

    /// Waits until it is open, or cannot be: a named pipe waits for its reader. Dropping the future loses nothing.
    pub(crate) async fn opened(&mut self) {
        if let Some(opened) = &mut self.opened {
            // If it cannot be, whoever writes is told why.
            let _ = opened.await;
            self.opened = None;
        }
    }

    /// That nobody has opened the other end of it in this time.
    pub(crate) fn unread(&self, limit: Duration) -> Failure {
        let why = format_args!("nobody read it yet when the time limit of {limit:?} passed");
        Failure::Usage(match &self.place {
            Place::Stdout => format!("could not write the output: {why}"),
            Place::Special(path) | Place::File { path, .. } => {
                format!("could not write \"{}\": {why}", path.display())
            }
        })
    }

    /// Has written what has gathered. It waits only while much else is to be written. Dropping the future loses nothing.
    ///
    /// # Errors
    ///
    /// What was handed over before could not be written; [`Failure::ClosedPipe`].
    pub(crate) async fn flush(&mut self) -> Result<(), Failure> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        if let Some(full) = &self.full
            && let Ok(room) = full.reserve().await
        {
            let next = self.empty.try_recv();
            let next = next.unwrap_or_else(|_| Vec::with_capacity(2 * FULL));
            room.send(std::mem::replace(&mut self.buffer, next));
            return Ok(());
        }
        Err(self.written().await.err().unwrap_or(Failure::ClosedPipe))
    }

    /// Waits until it cannot be written to any more, and tells why.
    pub(crate) async fn failed(&mut self) -> Failure {
        let closed = async {
            match &self.pipe {
                Some(pipe) => drop(pipe.ready(Interest::ERROR).await),
                None => std::future::pending().await,
            }
        };
        let ended = async {
            match &self.full {
                Some(full) => full.closed().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = ended => self.written().await.err().unwrap_or(Failure::ClosedPipe),
            () = closed => Failure::ClosedPipe,
        }
    }

    /// Waits until all is written, and the file in its place.
    ///
    /// # Errors
    ///
    /// It could not be; [`Failure::ClosedPipe`].
    pub(crate) async fn finish(mut self) -> Result<(), Failure> {
        self.flush().await?;
        let file = self.written().await?;
        let Place::File { path, temporary } = self.place else {
            return Ok(());
        };
        let name = path.clone();
        let put = spawn_blocking(move || {
            // What is not on the disk may be lost with the power, and the name would not.
            file.sync_all()?;
            temporary.persist(path).map_err(|error| error.error)
        });
        joined(put.await).map_err(|error| Failure::io(format_args!("write \"{}\"", name.display()), &error))
    }

    /// Waits until what was handed over is written, where that is seen. There will be no file.
    ///
    /// # Errors
    ///
    /// As [`finish`](Self::finish).
    pub(crate) async fn give_up(&mut self) -> Result<(), Failure> {
        if matches!(self.place, Place::File { .. }) {
            return Ok(());
        }
        self.flush().await?;
        self.written().await.map(drop)
    }

    /// Waits for the end of the thread that writes.
    async fn written(&mut self) -> Result<File, Failure> {
        self.full = None;
        joined((&mut self.thread).await).map_err(|error| match &self.place {
            Place::Stdout => Failure::output(&error),
            Place::Special(path) | Place::File { path, .. } => {
                Failure::io(format_args!("write \"{}\"", path.display()), &error)
            }
        })
    }
}

/// Writes all of it.
fn write(mut file: &File, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match file.write(bytes) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // Another program that has this output, too, has made it non-blocking.
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                match poll(&mut [PollFd::new(file, PollFlags::OUT)], None) {
                    Ok(_) | Err(Errno::INTR) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// What a thread has come to.
fn joined<T>(result: Result<io::Result<T>, tokio::task::JoinError>) -> io::Result<T> {
    result.unwrap_or_else(|error| Err(io::Error::other(error)))
}

/// The output as a pipe, if it is one, to be watched and not to be written.
fn watched(output: File) -> Option<pipe::Sender> {
    let kind = output.metadata().ok()?.file_type();
    // It is not made non-blocking: other programs have it, too.
    kind.is_fifo()
        .then(|| pipe::Sender::from_file_unchecked(output).ok())?
}
