//! The messages that carry COPY's data, in whichever direction it flows.
mod copy_data;
mod copy_done;
mod copy_fail;
pub use copy_data::CopyData;
pub use copy_done::CopyDone;
pub use copy_fail::CopyFail;
