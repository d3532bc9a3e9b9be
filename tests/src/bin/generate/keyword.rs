//! The file of keywords.

use std::fmt::Write as _;

use super::provenance;

/// The module's text.
pub(crate) fn module(version: &str, reserved: &[String]) -> String {
    let mut words = String::new();
    for word in reserved {
        writeln!(words, "\"{word}\",").unwrap();
    }
    format!(
        "//! The keywords that an identifier may not be without quotes.
         //!
         {provenance}
         //!
         //! PostgreSQL manual: [SQL Key Words](https://www.postgresql.org/docs/current/sql-keywords-appendix.html).

         /// All keywords but the unreserved ones, in the order of their bytes. The servers since 15 have no others.
         pub(crate) static KEYWORDS: &[&str] = &[
             {words}
         ];
         ",
        provenance = provenance(version),
    )
}
