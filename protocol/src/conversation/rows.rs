//! Rows, where they were received.

use std::sync::Arc;

use bytes::Bytes;

use super::{Columns, ProtocolError};
use crate::backend::DataRow;
use crate::wire::{HEADER_BYTES, Message, Reader};

/// Consecutive rows of one result, in the buffer they were received into.
///
/// A batch costs a reference to that buffer and nothing a row: no allocation and no copy. Every row in it has been
/// checked: it has as many fields as there are columns, and their lengths fill its body exactly.
///
/// The buffer is kept as long as a batch of it is, so whoever wants to keep a few rows of many copies those.
#[derive(Debug, Clone)]
pub struct RowBatch {
    /// Whole DataRow messages, headers included.
    data: Bytes,
    /// How many of its bytes belong to rows already taken.
    taken: usize,
    /// How many rows are left.
    rows: usize,
    columns: Arc<Columns>,
}

impl RowBatch {
    pub(super) const fn new(data: Bytes, rows: usize, columns: Arc<Columns>) -> Self {
        Self {
            data,
            taken: 0,
            rows,
            columns,
        }
    }

    /// How many rows are left; at least one when the batch is received.
    pub const fn len(&self) -> usize {
        self.rows
    }

    /// Whether all rows were taken.
    pub const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The columns of the result.
    pub const fn columns(&self) -> &Arc<Columns> {
        &self.columns
    }

    /// The rows that are left, in order.
    pub fn iter(&self) -> Rows<'_> {
        Rows {
            data: self.data.get(self.taken..).unwrap_or_default(),
            rows: self.rows,
            columns: &self.columns,
        }
    }

    /// The row whose message begins so many bytes into the rows that are left; see [`Row::message_bytes`].
    ///
    /// The first begins at 0. What an offset gives where no message begins means nothing.
    pub fn row_at(&self, offset: usize) -> Option<Row<'_>> {
        let mut rows = self.iter();
        rows.data = rows.data.get(offset..)?;
        rows.next()
    }

    /// Takes the next row.
    #[inline]
    pub fn take_row(&mut self) -> Option<Row<'_>> {
        let mut rows = Rows {
            data: self.data.get(self.taken..)?,
            rows: self.rows,
            columns: &self.columns,
        };
        let row = rows.next()?;
        self.taken = self.data.len() - rows.data.len();
        self.rows = rows.rows;
        Some(row)
    }
}

impl<'a> IntoIterator for &'a RowBatch {
    type Item = Row<'a>;
    type IntoIter = Rows<'a>;

    fn into_iter(self) -> Rows<'a> {
        self.iter()
    }
}

/// The rows left in a [`RowBatch`], in order.
#[derive(Debug, Clone)]
pub struct Rows<'a> {
    data: &'a [u8],
    rows: usize,
    columns: &'a Arc<Columns>,
}

impl<'a> Iterator for Rows<'a> {
    type Item = Row<'a>;

    #[inline]
    fn next(&mut self) -> Option<Row<'a>> {
        let (&[_, a, b, c, d, _, _], _) = self.data.split_first_chunk::<{ HEADER_BYTES + 2 }>()?;
        let frame = usize::try_from(u32::from_be_bytes([a, b, c, d])).ok()? + 1;
        let (row, rest) = self.data.split_at_checked(frame)?;
        let values = row.get(HEADER_BYTES + 2..)?;
        self.data = rest;
        self.rows = self.rows.saturating_sub(1);
        Some(Row {
            values,
            columns: self.columns,
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.rows, Some(self.rows))
    }
}

impl ExactSizeIterator for Rows<'_> {}

/// One row, in the buffer it was received into.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// The values with their lengths.
    values: &'a [u8],
    columns: &'a Arc<Columns>,
}

impl<'a> Row<'a> {
    /// How many values there are: as many as columns.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether there are no columns.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The columns of the result.
    pub const fn columns(&self) -> &'a Arc<Columns> {
        self.columns
    }

    /// The values with their lengths, as a DataRow has them behind their count; [`Values::new`] reads them.
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.values
    }

    /// How long its message is, header included.
    pub const fn message_bytes(&self) -> usize {
        HEADER_BYTES + 2 + self.values.len()
    }

    /// The values in order; `None` is null.
    #[inline]
    pub const fn values(&self) -> Values<'a> {
        Values::new(self.values)
    }

    /// The value of the column at `index`, counted from 0: `None` if there is no such column, `Some(None)` if it is
    /// null.
    ///
    /// The values before it are skipped one by one: whoever wants them all uses [`Row::values`].
    #[inline]
    pub fn get(&self, index: usize) -> Option<Option<&'a [u8]>> {
        self.values().nth(index)
    }
}

/// The values of a [`Row`], in order; `None` is null.
#[derive(Debug, Clone)]
pub struct Values<'a> {
    rest: &'a [u8],
}

impl<'a> Values<'a> {
    /// The values in such bytes as [`Row::as_bytes`] gives. They end before the first that is not whole.
    #[inline]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }
}

impl<'a> Iterator for Values<'a> {
    type Item = Option<&'a [u8]>;

    #[inline]
    fn next(&mut self) -> Option<Option<&'a [u8]>> {
        let (length, rest) = self.rest.split_first_chunk::<4>()?;
        let Ok(bytes) = usize::try_from(i32::from_be_bytes(*length)) else {
            self.rest = rest;
            return Some(None);
        };
        let (value, rest) = rest.split_at_checked(bytes)?;
        self.rest = rest;
        Some(Some(value))
    }
}

/// Checks a DataRow's body: as many fields as `columns`, with lengths that fill the body exactly.
#[inline]
pub(super) fn check(body: &[u8], columns: usize) -> Result<(), ProtocolError> {
    if is_sound(body, columns) {
        return Ok(());
    }
    find_fault(body, columns)
}

/// The check alone, which every row passes through.
#[inline]
fn is_sound(body: &[u8], columns: usize) -> bool {
    let Some((fields, mut rest)) = body.split_first_chunk::<2>() else {
        return false;
    };
    if usize::from(u16::from_be_bytes(*fields)) != columns {
        return false;
    }
    for _ in 0..columns {
        let Some((length, tail)) = rest.split_first_chunk::<4>() else {
            return false;
        };
        rest = match u32::from_be_bytes(*length) {
            // Null.
            u32::MAX => tail,
            // Any other negative length is more than there can be.
            length => match tail.get(length as usize..) {
                Some(rest) => rest,
                None => return false,
            },
        };
    }
    rest.is_empty()
}

/// What is wrong with a body.
#[cold]
fn find_fault(body: &[u8], columns: usize) -> Result<(), ProtocolError> {
    let mut body = Reader::new(DataRow::NAME, body);
    let fields = usize::from(u16::from_be_bytes(body.array("fields")?));
    if fields != columns {
        return Err(ProtocolError::FieldCount { fields, columns });
    }
    for _ in 0..fields {
        body.value("value")?;
    }
    Ok(body.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{FieldDescription, RowDescription};
    use crate::wire::{DecodeFault, Format};

    fn columns(count: usize) -> Arc<Columns> {
        let field = FieldDescription {
            name: "c".into(),
            table_oid: 0,
            column_number: 0,
            type_oid: 25,
            type_size: -1,
            type_modifier: -1,
            format: Format::Text,
        };
        Arc::new(Columns::from(&RowDescription {
            fields: vec![field; count],
        }))
    }

    #[test]
    fn a_batch_lends_its_rows() {
        let mut data = Vec::new();
        for value in [Some(&b"one"[..]), None, Some(b"")] {
            DataRow {
                values: vec![value, Some(b"x")],
            }
            .encode(&mut data)
            .unwrap();
        }
        let batch = RowBatch::new(Bytes::from(data), 3, columns(2));
        assert_eq!(batch.iter().len(), 3);
        let firsts: Vec<_> = batch.iter().map(|row| row.get(0)).collect();
        assert_eq!(
            firsts,
            [Some(Some(&b"one"[..])), Some(None), Some(Some(&b""[..]))]
        );
        for row in &batch {
            assert_eq!((row.len(), row.is_empty()), (2, false));
            assert_eq!(row.get(1), Some(Some(&b"x"[..])));
            assert_eq!(row.get(2), None);
            assert_eq!(row.values().count(), 2);
        }
    }

    #[test]
    fn rows_can_be_taken_one_by_one() {
        let mut data = Vec::new();
        for value in ["1", "22", "333"] {
            DataRow {
                values: vec![Some(value.as_bytes())],
            }
            .encode(&mut data)
            .unwrap();
        }
        let mut batch = RowBatch::new(Bytes::from(data), 3, columns(1));
        let mut taken = Vec::new();
        while let Some(row) = batch.take_row() {
            taken.push(row.get(0).flatten().unwrap().to_vec());
            assert_eq!(batch.iter().count(), batch.len());
        }
        assert_eq!(taken, [&b"1"[..], b"22", b"333"]);
        assert!(batch.is_empty());
    }

    #[test]
    fn rows_are_found_by_their_offset() {
        let mut data = Vec::new();
        for value in ["1", "22", "333"] {
            DataRow {
                values: vec![Some(value.as_bytes())],
            }
            .encode(&mut data)
            .unwrap();
        }
        let mut batch = RowBatch::new(Bytes::from(data), 3, columns(1));
        batch.take_row();
        let mut offset = 0;
        for row in &batch {
            let found = batch.row_at(offset).unwrap();
            assert_eq!(found.as_bytes(), row.as_bytes());
            assert_eq!(Values::new(found.as_bytes()).next(), row.values().next());
            offset += row.message_bytes();
        }
        assert!(batch.row_at(offset).is_none() && batch.row_at(offset + 1).is_none());
    }

    #[test]
    fn a_row_without_columns_is_a_row() {
        let mut data = Vec::new();
        DataRow { values: vec![] }.encode(&mut data).unwrap();
        let batch = RowBatch::new(Bytes::from(data), 1, columns(0));
        assert_eq!(batch.iter().count(), 1);
        assert_eq!(batch.iter().next().unwrap().get(0), None);
    }

    #[test]
    fn a_wrong_field_count_is_refused() {
        for (body, fields) in [
            (&b"\0\0"[..], 0),
            (b"\0\x01\xff\xff\xff\xff", 1),
            (b"\xff\xff", 65_535),
        ] {
            assert_eq!(
                check(body, 2),
                Err(ProtocolError::FieldCount { fields, columns: 2 })
            );
        }
    }

    #[test]
    fn lengths_must_fill_the_body_exactly() {
        let fault = |body: &[u8]| match check(body, 1) {
            Err(ProtocolError::Malformed(error)) => error.fault,
            other => panic!("{other:?}"),
        };
        assert_eq!(check(b"\0\x01\0\0\0\x02ab", 1), Ok(()));
        assert_eq!(check(b"\0\x01\xff\xff\xff\xff", 1), Ok(()));
        assert!(matches!(fault(b"\0\x01\0\0\0\x03ab"), DecodeFault::Short { .. }));
        assert!(matches!(fault(b"\0\x01\0\0\0"), DecodeFault::Short { .. }));
        assert!(matches!(fault(b"\0"), DecodeFault::Short { .. }));
        assert!(matches!(
            fault(b"\0\x01\0\0\0\x01ab"),
            DecodeFault::Trailing { bytes: 1, .. }
        ));
        assert!(matches!(
            fault(b"\0\x01\xff\xff\xff\xfe"),
            DecodeFault::BadLength { length: -2, .. }
        ));
        assert!(matches!(
            fault(b"\0\x01\x80\0\0\0"),
            DecodeFault::BadLength { length: i32::MIN, .. }
        ));
        assert!(matches!(
            fault(b"\0\x01\x7f\xff\xff\xffab"),
            DecodeFault::Short { .. }
        ));
    }
}
