//! SQL text for dblink: quoting, and the three statement builders.
//!
//! There is nothing in it yet.
