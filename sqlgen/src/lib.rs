//! SQL text for dblink: quoting, and the three statement builders.

mod keywords;
mod quote;
mod text;

pub use quote::{quote_ident, quote_literal, quote_nullable, quote_qualified_identifier};
pub use text::{InvalidText, valid_text};
