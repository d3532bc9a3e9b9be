//! `dblink shell`.

mod interrupted;
mod options;
mod psql;
mod terminal;
mod typing;
