//! The file of SQLSTATEs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use dblink_tests::lists::{ErrorCode, parse_error_codes};

use super::provenance;

/// The codes that other servers send, and the list of the newest need not hold: withdrawn ones, and such as came with a
/// minor release.
const OTHERS: &str = "
# Since 15.20; 15.18 and 18.4 lack it.
Section: Class 22 - Data Exception
22P07    E    ERRCODE_DATUM_VERSION_MISMATCH    datum_version_mismatch

# Up to 16.
Section: Class 72 - Snapshot Failure
72000    E    ERRCODE_SNAPSHOT_TOO_OLD    snapshot_too_old
";

/// The module's text.
pub(crate) fn module(version: &str, mut codes: Vec<ErrorCode>) -> String {
    for other in parse_error_codes(OTHERS) {
        if !codes.iter().any(|code| code.sqlstate == other.sqlstate) {
            codes.push(other);
        }
    }
    codes.sort_by(|a, b| a.sqlstate.cmp(&b.sqlstate));

    let mut constants = String::new();
    for code in &codes {
        let ErrorCode {
            sqlstate,
            macro_name,
            condition,
            class,
        } = code;
        let condition = condition
            .as_ref()
            .map(|name| format!(" `{name}`"))
            .unwrap_or_default();
        let class = class.trim_end_matches('.');
        writeln!(constants, "/// `{sqlstate}`{condition}. {class}.").unwrap();
        writeln!(
            constants,
            "pub const {macro_name}: Self = Self::new(b\"{sqlstate}\");"
        )
        .unwrap();
    }

    let conditions: BTreeMap<_, _> = codes
        .iter()
        .filter_map(|code| Some((&code.sqlstate, code.condition.as_ref()?)))
        .collect();
    let mut rows = String::new();
    for (sqlstate, name) in conditions {
        writeln!(rows, "(*b\"{sqlstate}\", \"{name}\"),").unwrap();
    }

    format!(
        "//! The SQLSTATEs that PostgreSQL knows, as constants and with their conditions' names.
         //!
         {provenance}
         //!
         //! PostgreSQL manual: [PostgreSQL Error Codes](https://www.postgresql.org/docs/current/errcodes-appendix.html).

         use super::SqlState;

         impl SqlState {{
             {constants}

             /// The condition's name in PL/pgSQL, if PostgreSQL has one for this code.
             pub fn condition_name(self) -> Option<&'static str> {{
                 let at = CONDITIONS.binary_search_by_key(&self.0, |&(code, _)| code).ok()?;
                 CONDITIONS.get(at).map(|&(_, name)| name)
             }}
         }}

         /// Codes and their conditions' names, in the order of the codes.
         static CONDITIONS: &[([u8; 5], &str)] = &[
             {rows}
         ];
         ",
        provenance = provenance(version),
    )
}
