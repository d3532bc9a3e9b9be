//! What hostile input must not do to any message, as tables over all of them.

mod counts;
mod lengths;
mod samples;
mod strings;
mod truncation;
