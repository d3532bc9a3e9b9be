//! What can be said of a call beside its arguments, before it is awaited.

use std::pin::Pin;
use std::time::Duration;

use postgres_types::ToSql;

use super::link::Way;
use super::rows::{Expected, Told};
use super::time::Time;
use super::{Compat, Doing, Error, Fail, Session};

/// A future of a call.
pub(super) type Call<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// What was said. A call has those of it that mean something to it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Options<'a> {
    pub(super) parameters: Option<&'a [&'a (dyn ToSql + Sync)]>,
    pub(super) fail: Fail,
    pub(super) columns: Option<&'a str>,
    pub(super) strict: Option<bool>,
    pub(super) text: bool,
    pub(super) limit: Option<Duration>,
}

impl Options<'_> {
    /// The call begins.
    pub(super) fn start(&self, session: &Session) -> Time {
        Time::start(self.limit.or(session.deadline))
    }

    /// How a command is sent, whose rows nobody wants.
    pub(super) const fn way_of_command(&self) -> Way {
        if self.parameters.is_some() {
            Way::Extended { text: false }
        } else {
            Way::Simple
        }
    }

    /// Which columns are expected.
    pub(super) fn expected(&self, compat: Compat) -> Result<Expected, Error> {
        Ok(Expected {
            definition: self.columns.map(str::parse).transpose()?,
            strict: self.strict.unwrap_or(compat == Compat::Mended),
        })
    }

    /// How a failure is told.
    pub(super) fn told(&self, session: &Session, doing: Doing, time: Time) -> Told {
        Told {
            doing,
            fail: self.fail,
            notices: session.notices.clone(),
            time,
        }
    }
}

/// The methods by which options are said, and the call when it is awaited.
macro_rules! call {
    ($call:ident gives $output:ty, with $($option:ident),+) => {
        impl<'a> $call<'_, 'a> {
            $(call!(@ $option);)+
        }

        impl<'s: 'a, 'a> ::std::future::IntoFuture for $call<'s, 'a> {
            type Output = Result<$output, Error>;
            type IntoFuture = $crate::session::call::Call<'a, $output>;

            fn into_future(self) -> Self::IntoFuture {
                Box::pin(self.run())
            }
        }
    };
    (@ params) => {
        /// Sets `$1`, `$2`, …; see [`Connection::query`](crate::connection::Connection::query).
        pub const fn params(mut self, parameters: &'a [&'a (dyn ::postgres_types::ToSql + Sync)]) -> Self {
            self.options.parameters = Some(parameters);
            self
        }
    };
    (@ fail) => {
        /// What becomes of an error of the remote server. As a notice it leaves no rows: they are held back until all are
        /// there. With [`Compat::Exact`](crate::session::Compat::Exact), those of a query are given as they come, as far as
        /// they do.
        pub const fn fail(mut self, fail: $crate::session::Fail) -> Self {
            self.options.fail = fail;
            self
        }
    };
    (@ columns) => {
        /// The columns that are expected, as a [definition](crate::session::Definition) list: their number and, unless that is
        /// relaxed, their types are compared with those of the result. They are known by these names.
        pub const fn columns(mut self, definition: &'a str) -> Self {
            self.options.columns = Some(definition);
            self
        }
    };
    (@ strict) => {
        /// Whether the types of the definition have to be those of the result, all kinds of text being one: at first they have
        /// to, and not with [`Compat::Exact`](crate::session::Compat::Exact).
        pub const fn strict(mut self, strict: bool) -> Self {
            self.options.strict = Some(strict);
            self
        }
    };
    (@ text) => {
        /// Has the values come as text.
        pub const fn text(mut self) -> Self {
            self.options.text = true;
            self
        }
    };
    (@ within) => {
        /// Limits the time of the call, to the last row of what it gives, instead of the session's
        /// [deadline](crate::session::Session::set_deadline). What has not come by then is cancelled at the server.
        pub const fn within(mut self, limit: ::std::time::Duration) -> Self {
            self.options.limit = Some(limit);
            self
        }
    };
}

pub(super) use call;
