//! libpq 18, to ask what it makes of a connection string.
//!
//! It is built from source by the crate `pq-sys`, for tests only: whatever libpq is installed plays no part. It has
//! OpenSSL, no GSSAPI, and its folders are those of PostgreSQL as it comes.
//!
//! PostgreSQL manual: [libpq](https://www.postgresql.org/docs/current/libpq.html).

use std::ffi::{CStr, CString, c_char, c_int};
use std::ptr;

use pq_sys::{ConnStatusType, PGconn, PQconninfoOption};

/// What libpq's table has of an option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionRow {
    /// The keyword.
    pub keyword: String,
    /// The environment variable.
    pub variable: Option<String>,
    /// The default.
    pub compiled: Option<String>,
    /// `*` for passwords, `D` for what is not shown unless it is asked for.
    pub dispchar: String,
}

/// What a connection object has after it was given its options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The message, without the newline at its end, if the connection has failed by now.
    pub error: Option<Vec<u8>>,
    /// The options it has, keyword and value.
    pub options: Vec<(String, Vec<u8>)>,
    /// Of the host whose turn it is: its name, or else its address.
    pub host: Vec<u8>,
    /// Its port.
    pub port: Vec<u8>,
    /// Its password.
    pub password: Vec<u8>,
}

/// libpq's version, as in `180006`.
pub fn version() -> i32 {
    // SAFETY: it has no parameters, and returns a number.
    unsafe { pq_sys::PQlibVersion() }
}

/// libpq's table of options.
pub fn table() -> Vec<OptionRow> {
    // SAFETY: it has no parameters; the array is freed below.
    let options = unsafe { pq_sys::PQconndefaults() };
    let rows = each(options, |option| OptionRow {
        keyword: text(option.keyword).unwrap_or_default(),
        variable: text(option.envvar),
        compiled: text(option.compiled),
        dispchar: text(option.dispchar).unwrap_or_default(),
    });
    // SAFETY: it came from libpq, and nobody uses it any more.
    unsafe { pq_sys::PQconninfoFree(options) };
    rows
}

/// Reads a connection string: its options, or libpq's message without the newline at its end.
///
/// # Errors
///
/// What libpq does not understand.
pub fn parse(conninfo: &CStr) -> Result<Vec<(String, Vec<u8>)>, Vec<u8>> {
    let mut message: *mut c_char = ptr::null_mut();
    // SAFETY: the string ends with a zero byte, and libpq writes a pointer to `message`.
    let options = unsafe { pq_sys::PQconninfoParse(conninfo.as_ptr(), &raw mut message) };
    if options.is_null() {
        let text = without_newline(bytes(message).unwrap_or_default());
        // SAFETY: libpq allocated the message, and nobody uses it any more.
        unsafe { pq_sys::PQfreemem(message.cast()) };
        return Err(text);
    }
    Ok(values(options))
}

/// Gives a connection object its options and lets it begin to connect.
pub fn start(conninfo: &CStr) -> Attempt {
    // SAFETY: the string ends with a zero byte.
    finish(unsafe { pq_sys::PQconnectStart(conninfo.as_ptr()) })
}

/// The same with pairs of keyword and value, the first `dbname` of which may be a connection string.
pub fn start_pairs(pairs: &[(CString, CString)]) -> Attempt {
    let end = [ptr::null()];
    let keywords = pairs.iter().map(|(keyword, _)| keyword.as_ptr());
    let keywords: Vec<_> = keywords.chain(end).collect();
    let values: Vec<_> = pairs.iter().map(|(_, value)| value.as_ptr()).chain(end).collect();
    let expand: c_int = 1;
    // SAFETY: both arrays end with a null pointer, and their strings with a zero byte.
    finish(unsafe { pq_sys::PQconnectStartParams(keywords.as_ptr(), values.as_ptr(), expand) })
}

/// Connects, and waits until that is done or has failed.
pub fn connect(conninfo: &CStr) -> Attempt {
    // SAFETY: the string ends with a zero byte.
    finish(unsafe { pq_sys::PQconnectdb(conninfo.as_ptr()) })
}

/// Takes the process's locale from its environment, as `psql` does.
pub fn use_locale() {
    // SAFETY: the name is an empty string; only the main thread runs yet.
    unsafe { libc::setlocale(libc::LC_ALL, c"".as_ptr()) };
}

/// Looks at a connection object, and frees it.
fn finish(connection: *mut PGconn) -> Attempt {
    // SAFETY: libpq made the object; all of this takes a null pointer too. The strings are copied before it is freed.
    unsafe {
        let has_failed = pq_sys::PQstatus(connection) == ConnStatusType::CONNECTION_BAD;
        let message = bytes(pq_sys::PQerrorMessage(connection)).unwrap_or_default();
        let attempt = Attempt {
            error: has_failed.then(|| without_newline(message)),
            options: values(pq_sys::PQconninfo(connection)),
            host: bytes(pq_sys::PQhost(connection)).unwrap_or_default(),
            port: bytes(pq_sys::PQport(connection)).unwrap_or_default(),
            password: bytes(pq_sys::PQpass(connection)).unwrap_or_default(),
        };
        pq_sys::PQfinish(connection);
        attempt
    }
}

/// The options of an array that have a value. The array is freed.
fn values(options: *mut PQconninfoOption) -> Vec<(String, Vec<u8>)> {
    let values = each(options, |option| {
        Some((text(option.keyword)?, bytes(option.val)?))
    });
    // SAFETY: it came from libpq, and nobody uses it any more.
    unsafe { pq_sys::PQconninfoFree(options) };
    values.into_iter().flatten().collect()
}

/// Looks at each option of an array.
fn each<T>(options: *mut PQconninfoOption, look: impl Fn(&PQconninfoOption) -> T) -> Vec<T> {
    let mut found = Vec::new();
    let mut option = options;
    // SAFETY: libpq's arrays end with an option whose keyword is a null pointer.
    while let Some(row) = unsafe { option.as_ref() }
        && !row.keyword.is_null()
    {
        found.push(look(row));
        // SAFETY: this was not the last one.
        option = unsafe { option.add(1) };
    }
    found
}

fn text(string: *const c_char) -> Option<String> {
    bytes(string).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// A copy of one of libpq's strings.
fn bytes(string: *const c_char) -> Option<Vec<u8>> {
    if string.is_null() {
        return None;
    }
    // SAFETY: libpq's strings end with a zero byte.
    let string = unsafe { CStr::from_ptr(string) };
    Some(string.to_bytes().to_vec())
}

fn without_newline(mut message: Vec<u8>) -> Vec<u8> {
    if message.ends_with(b"\n") {
        message.pop();
    }
    message
}
