//! The checksum of rows, whichever order they come in.

use std::fmt;

use super::plan::quote_list;
use super::side::End;
use crate::connection::Error;

/// What a set of rows comes to: the same for the same rows, in whatever order and wherever they are stored. A row that is there
/// twice counts twice.
///
/// Each row's text has a SHA-256, of which two halves of 64 bits are summed up. That tells rows apart which differ by chance or
/// by mistake; it is no proof against somebody who looks for rows with the same sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Checksum {
    /// How many rows there are.
    pub rows: u64,
    /// The two sums, modulo 2⁶⁴ each.
    pub digest: u128,
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.rows == 1 { "row" } else { "rows" };
        write!(f, "{} {noun} with checksum {:032x}", self.rows, self.digest)
    }
}

/// The statement that gives the number of a query's rows and their two sums. The query has this many columns.
///
/// The hash is of the text in this encoding, whatever the database stores. `OFFSET 0` has it computed once a row.
pub(super) fn statement(query: &str, columns: usize, encoding: &str) -> String {
    // Names of their own, since a query's may be there twice.
    let names: Vec<_> = (1..=columns).map(|number| number.to_string()).collect();
    let names = quote_list(&names);
    let half = |from| {
        format!(
            "pg_catalog.sum(('x' OPERATOR(pg_catalog.||) pg_catalog.substr(h.hash, {from}, 16))\
             ::pg_catalog.bit(64)::pg_catalog.int8)"
        )
    };
    format!(
        "SELECT pg_catalog.count(*), {}::pg_catalog.text, {}::pg_catalog.text \
         FROM (SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(ROW({names})::pg_catalog.text, '{encoding}')), 'hex') \
             AS hash FROM ({query}) AS q ({names}) OFFSET 0) AS h",
        half(1),
        half(17),
    )
}

/// What such a statement gives.
pub(super) async fn compute(end: &mut End<'_>, statement: &str) -> Result<Checksum, Error> {
    let row = end.connection()?.query_one(statement, &[]).await?;
    let half = |sum: Option<&str>| sum.and_then(|sum| sum.parse::<i128>().ok()).map_or(0, modulo);
    Ok(Checksum {
        rows: row.get::<i64>(0)?.unsigned_abs(),
        digest: half(row.get(1)?) << 64 | half(row.get(2)?),
    })
}

/// Modulo 2⁶⁴, as it is not negative.
const fn modulo(sum: i128) -> u128 {
    sum.rem_euclid(1 << 64).unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_is_taken_modulo() {
        assert_eq!(modulo(-1), u128::from(u64::MAX));
        assert_eq!(modulo(i128::from(i64::MIN)), 1 << 63);
        assert_eq!(modulo((1 << 64) + 5), 5);
    }

    #[test]
    fn it_shows_as_many_digits_as_it_has() {
        for (rows, shown) in [
            (3, "3 rows with checksum 000000000000000000000000000000ff"),
            (1, "1 row with checksum 000000000000000000000000000000ff"),
            (0, "0 rows with checksum 000000000000000000000000000000ff"),
        ] {
            let checksum = Checksum { rows, digest: 255 };
            assert_eq!(checksum.to_string(), shown);
        }
    }
}
