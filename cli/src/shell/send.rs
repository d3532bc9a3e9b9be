//! Sends a statement, and tells what has come of it.

use std::pin::pin;
use std::time::{Duration, Instant};

use dblink_engine::SqlState;
use dblink_engine::libpq_text::closed_text;

use super::answer::Failed;
use super::console::Next;
use super::run::Shell;
use super::variables::Echo;
use crate::failure::{Failure, Report};
use crate::interrupt::{pressed, was_pressed};

/// How long a server has to take a request to cancel.
const CANCEL: Duration = Duration::from_secs(5);

impl Shell {
    /// Sends a statement. Whether it has gone well; what has not is told.
    pub(crate) async fn send(&mut self, sql: &str, invalid: Option<String>) -> Result<bool, Failure> {
        let sent = self.send_as_asked(sql, invalid).await;
        // That was for this statement, whatever has become of it.
        self.console.next = Next::default();
        sent
    }

    async fn send_as_asked(&mut self, sql: &str, invalid: Option<String>) -> Result<bool, Failure> {
        if !self.console.interactive && was_pressed().await {
            return Err(Failure::Told(130));
        }
        if self.console.variables.echo() == Echo::Queries {
            self.console.write_line(sql)?;
        }
        let begin = Instant::now();
        self.interrupted = false;
        self.console.begin();
        let done = match invalid {
            // These bytes are not what is sent.
            Some(message) => Err(Failed::Error(Report {
                severity: Some("ERROR".to_owned()),
                sqlstate: Some(SqlState::CHARACTER_NOT_IN_REPERTOIRE),
                message,
                ..Report::default()
            })),
            None => self.run_statement(sql).await,
        };
        let elapsed = begin.elapsed();
        let finished = self.console.finish(done.is_err());
        let next = std::mem::take(&mut self.console.next);
        let finished = finished?;
        let mut well = finished.well;
        if let Err(failed) = done {
            well = false;
            self.failed(failed, sql).await?;
        }
        well &= self.send_generated(finished.generated).await?;
        if let Some(tag) = finished.tag {
            self.console.tag_of_rows(&tag)?;
        }
        if self.timing {
            self.console.write_line(&timing_text(elapsed))?;
        }
        self.console.next = next;
        self.notifications()?;
        if self.interrupted && !self.console.interactive {
            // Whoever stops a script does not want its next statement.
            return Err(Failure::Told(130));
        }
        Ok(well)
    }

    /// Sends the statements that `\gexec` has been given. Whether all have gone well.
    async fn send_generated(&mut self, statements: Vec<String>) -> Result<bool, Failure> {
        if statements.is_empty() || self.interrupted {
            return Ok(true);
        }
        let rows = self.console.variables.get("ROW_COUNT").map(str::to_owned);
        let mut all_well = true;
        for statement in statements {
            if self.console.variables.echo() == Echo::All {
                self.console.write_line(&statement)?;
            }
            // Boxed: it is a statement as any other.
            let well = Box::pin(self.send(&statement, None)).await?;
            all_well &= well;
            if self.interrupted || !well && self.console.variables.on_error_stop() {
                break;
            }
        }
        if all_well {
            // As if nothing had come after the statement that gave them.
            self.console
                .set_result("false", "00000", &rows.unwrap_or_default());
        }
        Ok(all_well)
    }

    /// Runs it, to its end. Ctrl-C cancels it at the servers.
    async fn run_statement(&mut self, sql: &str) -> Result<(), Failed> {
        let canceller = self.interpreter.canceller();
        self.console.voice.set_statement(Some(sql));
        let voice = self.console.voice.clone();
        let done = {
            let mut work = pin!(self.interpreter.run(sql, &mut self.console));
            loop {
                tokio::select! {
                    biased;
                    done = &mut work => break Some(done),
                    // Who presses it again does not wait for what becomes of it, such as a server that is connected to.
                    () = pressed(), if self.interrupted => break None,
                    () = pressed() => {
                        self.interrupted = true;
                        voice.bare(match canceller.cancel(CANCEL).await {
                            Ok(()) => "Cancel request sent".to_owned(),
                            Err(error) => format!("Could not send cancel request: {error}"),
                        });
                    }
                }
            }
        };
        voice.set_statement(None);
        let Some(done) = done else {
            self.interpreter.give_up().await;
            return Err(Failed::Error(Report::own(
                SqlState::QUERY_CANCELED,
                "canceling statement due to user request".to_owned(),
            )));
        };
        done
    }

    /// Tells why a statement has failed.
    async fn failed(&mut self, failed: Failed, sql: &str) -> Result<(), Failure> {
        let mut lost = None;
        match failed {
            Failed::Error(report) => {
                self.console.voice.report_error(&report);
                let sqlstate = report.sqlstate.map(|sqlstate| sqlstate.to_string());
                let sqlstate = sqlstate.unwrap_or_default();
                self.console.set_result("true", &sqlstate, "0");
                for (name, value) in [
                    ("LAST_ERROR_SQLSTATE", &sqlstate),
                    ("LAST_ERROR_MESSAGE", &report.message),
                ] {
                    let _ = self.console.variables.set(name, value);
                }
            }
            Failed::Lost(text) => {
                self.console.set_result("true", "", "0");
                lost = Some(text);
            }
            // What was asked for is done: the statement is over.
            Failed::Front(Failure::Interrupted) => {}
            Failed::Front(failure) => return Err(failure),
        }
        if self.console.variables.echo() == Echo::Errors {
            self.console.voice.info(format_args!("STATEMENT:  {sql}"));
        }
        let closed = self.interpreter.local().and_then(|local| local.closed());
        if let Some(text) = closed.map(|closed| closed_text(&closed)).or(lost) {
            // The server's own words have been told.
            let own = text
                .find("server closed the connection")
                .and_then(|at| text.get(at..));
            self.console.voice.info(own.unwrap_or(&text));
            self.reset_local().await?;
        }
        Ok(())
    }

    /// Tells of what came by NOTIFY.
    fn notifications(&mut self) -> Result<(), Failure> {
        let Some(local) = self.interpreter.local() else {
            return Ok(());
        };
        let notifications: Vec<_> = local.notifications().collect();
        for notification in notifications {
            let mut text = format!("Asynchronous notification \"{}\" ", notification.channel);
            if !notification.payload.as_wire_str().is_empty() {
                text.push_str(&format!("with payload \"{}\" ", notification.payload));
            }
            text.push_str(&format!(
                "received from server process with PID {}.\n",
                notification.process_id
            ));
            self.console.write_result(text.as_bytes())?;
        }
        Ok(())
    }
}

/// How long something took.
fn timing_text(elapsed: Duration) -> String {
    let milliseconds = elapsed.as_secs_f64() * 1000.0;
    if milliseconds < 1000.0 {
        return format!("Time: {milliseconds:.3} ms");
    }
    let seconds = elapsed.as_secs_f64();
    let whole = elapsed.as_secs();
    let (days, hours, minutes) = (whole / 86400, whole / 3600 % 24, whole / 60 % 60);
    let rest = seconds % 60.0;
    let clock = if whole < 3600 {
        format!("{:02}:{rest:06.3}", whole / 60)
    } else if days == 0 {
        format!("{hours:02}:{minutes:02}:{rest:06.3}")
    } else {
        format!("{days} d {hours:02}:{minutes:02}:{rest:06.3}")
    };
    format!("Time: {milliseconds:.3} ms ({clock})")
}
