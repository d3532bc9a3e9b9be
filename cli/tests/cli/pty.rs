//! The program on a terminal: what it shows there, and what is typed.

use std::io::{Read as _, Write as _};
use std::process::{Child, Command};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use pty_process::Size;
use pty_process::blocking::{Pty, open};
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{LocalModes, tcgetattr};

/// How long anything may take: only a test that fails waits so long.
const LIMIT: Duration = Duration::from_secs(60);

/// A terminal that a program runs on, as its controlling one.
pub(crate) struct Terminal {
    pty: Arc<Pty>,
    child: Child,
    shown: Arc<Shown>,
    /// How much of what is shown was waited for.
    seen: usize,
    reader: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shown {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    text: Vec<u8>,
    is_over: bool,
}

impl Terminal {
    /// Runs a command on a terminal of 24 lines and 80 columns. What it has as input and output is the terminal.
    pub(crate) fn run(command: Command) -> Self {
        Self::run_with(command.into())
    }

    /// The same for a command of which some input or output may be something else, but not all: what nobody has open is over.
    pub(crate) fn run_with(command: pty_process::blocking::Command) -> Self {
        let (pty, line) = open().unwrap();
        pty.resize(Size::new(24, 80)).unwrap();
        let child = command.spawn(line).unwrap();
        let pty = Arc::new(pty);
        let shown = Arc::new(Shown::default());
        let reader = {
            let (pty, shown) = (Arc::clone(&pty), Arc::clone(&shown));
            thread::spawn(move || shown.collect(&pty))
        };
        Self {
            pty,
            child,
            shown,
            seen: 0,
            reader: Some(reader),
        }
    }

    /// Waits until this is shown, behind what was waited for before.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, text: &str) {
        let place = |state: &State| {
            let new = state.text.get(self.seen..)?;
            new.windows(text.len())
                .position(|window| window == text.as_bytes())
        };
        let state = self.shown.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (state, _) = self
            .shown
            .changed
            .wait_timeout_while(state, LIMIT, |state| place(state).is_none() && !state.is_over)
            .unwrap();
        match place(&state) {
            Some(at) => self.seen += at + text.len(),
            None => panic!(
                "{text:?} is not shown, but: {:?}",
                String::from_utf8_lossy(&state.text)
            ),
        }
    }

    /// Types this. A line ends with `\r`; `\x03` is Ctrl-C, `\x04` is Ctrl-D.
    pub(crate) fn type_in(&self, keys: &str) {
        (&*self.pty).write_all(keys.as_bytes()).unwrap();
    }

    /// Sends the program a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Whether the terminal shows what is typed.
    pub(crate) fn echoes(&self) -> bool {
        tcgetattr(&*self.pty)
            .unwrap()
            .local_modes
            .contains(LocalModes::ECHO)
    }

    /// All that was shown, and the exit code; none after a signal.
    pub(crate) fn end(mut self) -> (String, Option<i32>) {
        let status = self.child.wait().unwrap();
        // The end of the output comes when nobody has the terminal open any more.
        self.reader.take().unwrap().join().unwrap();
        let state = self.shown.state.lock().unwrap();
        let text = String::from_utf8_lossy(&state.text).replace("\r\n", "\n");
        (text, status.code())
    }
}

impl Shown {
    /// Keeps what is shown, to the end.
    fn collect(&self, mut pty: &Pty) {
        let mut piece = [0; 4096];
        loop {
            let count = pty.read(&mut piece).unwrap_or(0);
            let mut state = self.state.lock().unwrap();
            state.text.extend_from_slice(&piece[..count]);
            state.is_over = count == 0;
            let is_over = state.is_over;
            drop(state);
            self.changed.notify_all();
            if is_over {
                return;
            }
        }
    }
}

/// A test that fails leaves nothing running.
impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_terminal_shows_what_a_program_writes_and_what_is_typed() {
    let mut command = Command::new("sh");
    command.args([
        "-c",
        "stty -echo; echo name?; read name; stty echo; echo hello, $name; exit 3",
    ]);
    let mut terminal = Terminal::run(command);
    terminal.wait_for("name?");
    assert!(!terminal.echoes());
    terminal.type_in("scott\r");
    terminal.wait_for("hello, scott");
    assert!(terminal.echoes());
    let (text, code) = terminal.end();
    assert_eq!((text.as_str(), code), ("name?\nhello, scott\n", Some(3)));
}
