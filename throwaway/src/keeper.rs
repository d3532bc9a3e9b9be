//! The process that stops a server when it is not wanted any more, however this process ends.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use crate::{Account, Error};

/// `$1` is pg_ctl, `$2` the cluster's folder.
///
/// Nothing is ever written to the pipe: reading it ends when the kernel has closed the other end. Until then no signal
/// may end the keeper, above all not the Ctrl-C that ends the program.
const CLUSTER: &str = r#"
trap '' HUP INT QUIT TERM
read -r _
"$1" stop --silent --mode=immediate --pgdata="$2/data"
rm -rf "$2"
"#;

/// `$1` is a program that stays in the foreground, `$2` its configuration file, `$3` its folder.
///
/// The keeper has the program for its child, so that its number is not another process's by the time it is killed. Only
/// the program may hold the pipe to this process: its end tells that the program is gone.
const PROGRAM: &str = r#"
trap '' HUP INT QUIT TERM
"$1" "$2" <&- &
exec 2>&-
read -r _
kill -KILL $!
wait
rm -rf "$3"
"#;

/// The process that stops a server when it is not wanted any more, however this process ends.
///
/// Destructors do not run when a process is killed, nor for statics when it exits. But the kernel then closes its end
/// of a pipe, so a small shell script waits for that, stops the server and removes the folder. Dropping the keeper
/// takes the same way and waits for its end.
#[derive(Debug)]
pub struct Keeper {
    shell: Child,
}

impl Keeper {
    /// Starts watching over a cluster's folder, before there is a server in it.
    ///
    /// # Errors
    ///
    /// [`Error::System`] if `/bin/sh` does not run.
    pub fn of_cluster(account: Account, pg_ctl: &Path, folder: &Path) -> Result<Self, Error> {
        Self::start(account, CLUSTER, &[pg_ctl, folder], Stdio::null())
    }

    /// Starts a program that shall be killed at the end, and gives what it says on its standard error.
    ///
    /// # Errors
    ///
    /// [`Error::System`] if `/bin/sh` does not run.
    pub fn of_program(
        account: Account,
        program: &Path,
        configuration: &Path,
        folder: &Path,
    ) -> Result<(Self, Option<ChildStderr>), Error> {
        let paths = [program, configuration, folder];
        let mut keeper = Self::start(account, PROGRAM, &paths, Stdio::piped())?;
        let stderr = keeper.shell.stderr.take();
        Ok((keeper, stderr))
    }

    fn start(account: Account, script: &str, paths: &[&Path], stderr: Stdio) -> Result<Self, Error> {
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", script, "keeper"])
            .args(paths)
            .current_dir("/")
            .stdin(Stdio::piped())
            // Whoever reads this process's output to its end shall not wait for the keeper.
            .stdout(Stdio::null())
            .stderr(stderr)
            // Test runners and terminals send signals to a whole process group.
            .process_group(0);
        let shell = account
            .run(&mut command)
            .spawn()
            .map_err(|error| Error::system("run /bin/sh", error))?;
        Ok(Self { shell })
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // It reports nothing that could be acted on here; the folder's removal is the report.
        let _ = self.shell.wait();
    }
}
