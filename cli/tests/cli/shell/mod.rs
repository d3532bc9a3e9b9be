//! `dblink shell`.

mod options;
mod psql;
mod terminal;
