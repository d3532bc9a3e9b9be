//! `\?` and `\h`.

use crate::failure::Failure;
use crate::shell::run::{Outcome, Reading, Shell};

/// What `help` says.
pub(crate) const WELCOME: &str = "\
This is dblink's shell: SQL for the local server, with dblink's functions, which need no extension there.
Type:  \\? for help with backslash commands
       \\h for where SQL is described
       \\g or terminate with semicolon to execute query
       \\q to quit
";

const HELP: &str = "\
Connections
  \\conns                  the connections that dblink_connect has opened, and how they are
  \\c [DB [USER [HOST [PORT]]]]
                          connect the local side elsewhere; what is left out, or -, is as before
  \\c CONN                 connect it to CONN
  \\conninfo               where the local side is connected

Statements
  \\g [FILE]               send the statement, or the last one again; its results go into FILE
  \\gx [FILE]              the same in expanded display
  \\gset [PREFIX]          send it, and keep the one row's values in variables
  \\gexec                 send it, and then each value that it gives as a statement
  \\watch [[i=]SECS] [c=N] send it every SECS seconds (2), N times or until Ctrl-C
  \\p                      print the statement
  \\r                      forget it
  \\timing [on|off]        print how long statements take

Input and output
  \\i FILE                 run a file
  \\ir FILE                the same; the name is relative to the file that has the command
  \\o [FILE]               results go into FILE, or to stdout again
  \\echo [-n] [TEXT]       print TEXT on stdout
  \\qecho [-n] [TEXT]      print TEXT where results go
  \\warn [-n] [TEXT]       print TEXT on stderr

Display
  \\x [on|off|auto]        each column on a line of its own
  \\a                      aligned, or not
  \\t [on|off]             rows only
  \\f [TEXT]               what separates fields that are not aligned
  \\pset [NAME [VALUE]]    border, columns, csv_fieldsep, expanded, fieldsep, fieldsep_zero, footer,
                          format (aligned, csv, unaligned), null, recordsep, recordsep_zero, title, tuples_only

Variables and branches
  \\set [NAME [VALUE]]     set a variable, or list all
  \\unset NAME             unset it
  \\getenv NAME ENVNAME    set a variable to what the environment has
  \\if EXPR, \\elif EXPR, \\else, \\endif
  \\restrict KEY, \\unrestrict KEY
                          do no other backslash command in between
  :NAME, :'NAME', :\"NAME\", :{?NAME}
                          the value, as a string, as a name, whether it is set
  DBNAME, ECHO, ENCODING, ERROR, HOST, LAST_ERROR_MESSAGE, LAST_ERROR_SQLSTATE, ON_ERROR_STOP, PORT, QUIET,
  ROW_COUNT, SERVER_VERSION_NAME, SERVER_VERSION_NUM, SHOW_ALL_RESULTS, SHOW_CONTEXT, SQLSTATE, USER, VERBOSITY
                          mean what they mean to psql

  \\? this help, \\h where SQL is described, \\q quit
";

impl Shell {
    pub(super) fn help(&mut self, reading: &mut Reading) -> Result<Outcome, Failure> {
        drop(reading.scanner.rest_of_line());
        self.console.write(HELP)?;
        Ok(Outcome::Done)
    }

    pub(super) fn manual(&mut self, reading: &mut Reading) -> Result<Outcome, Failure> {
        drop(reading.scanner.rest_of_line());
        self.console.write(
            "SQL is described at https://www.postgresql.org/docs/current/sql-commands.html\n\
             and dblink's functions at https://www.postgresql.org/docs/current/dblink.html\n",
        )?;
        Ok(Outcome::Done)
    }
}
