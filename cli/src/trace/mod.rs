//! A proxy that shows what goes through it.

mod address;
mod log;
mod proxy;

pub(crate) use address::Address;
pub(crate) use log::{Log, Style};
pub(crate) use proxy::Proxy;
