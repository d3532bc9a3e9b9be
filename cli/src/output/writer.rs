//! Results, one after the other, in a format into a sink.

use std::pin::pin;
use std::time::Duration;

use tokio::time::sleep;

use super::table::Table;
use super::{Column, Format, Sink, csv, jsonl::Jsonl, tsv};
use crate::failure::Failure;

/// How long more rows are waited for before those that are there are written.
const QUIET: Duration = Duration::from_millis(2);

/// Writes results.
///
/// Rows gather in a buffer, which [`pass_on`](Self::pass_on) empties when it is full, and [`next`](Self::next) when no more rows
/// come for a moment. The header goes with the first row, so that nothing is written of a result that fails before it.
#[derive(Debug)]
pub(crate) struct Writer {
    sink: Sink,
    format: Format,
    /// The result that is being written.
    result: Option<Printer>,
}

/// What writes a result.
#[derive(Debug)]
enum Printer {
    /// The columns, as long as the header is not written.
    Csv(Option<Vec<Column>>),
    Tsv(Option<Vec<Column>>),
    Jsonl(Jsonl),
    Table(Table),
}

impl Writer {
    pub(crate) const fn new(format: Format, sink: Sink) -> Self {
        Self {
            sink,
            format,
            result: None,
        }
    }

    /// A result begins.
    pub(crate) fn begin(&mut self, columns: Vec<Column>) {
        self.end();
        self.result = Some(match self.format {
            Format::Csv => Printer::Csv(Some(columns)),
            Format::Tsv => Printer::Tsv(Some(columns)),
            Format::Jsonl => Printer::Jsonl(Jsonl::new(&columns)),
            Format::Table => Printer::Table(Table::new(columns, self.sink.width())),
        });
    }

    /// Takes a row of the result: its values in text, as many as there are columns.
    #[inline]
    pub(crate) fn row<'a>(&mut self, values: impl Iterator<Item = Option<&'a [u8]>>) {
        let out = self.sink.buffer();
        match &mut self.result {
            Some(Printer::Csv(columns)) => {
                if let Some(columns) = columns.take() {
                    csv::header(out, names(&columns));
                }
                csv::row(out, values);
            }
            Some(Printer::Tsv(columns)) => {
                if let Some(columns) = columns.take() {
                    tsv::header(out, names(&columns));
                }
                tsv::row(out, values);
            }
            Some(Printer::Jsonl(jsonl)) => jsonl.row(out, values),
            Some(Printer::Table(table)) => table.row(out, values),
            None => {}
        }
    }

    /// The result is over.
    pub(crate) fn end(&mut self) {
        let out = self.sink.buffer();
        match self.result.take() {
            Some(Printer::Csv(Some(columns))) => csv::header(out, names(&columns)),
            Some(Printer::Tsv(Some(columns))) => tsv::header(out, names(&columns)),
            Some(Printer::Table(mut table)) => table.end(out),
            Some(Printer::Csv(None) | Printer::Tsv(None) | Printer::Jsonl(_)) | None => {}
        }
    }

    /// Has what gathered written, if it is much.
    ///
    /// # Errors
    ///
    /// What was handed over before could not be written; [`Failure::ClosedPipe`].
    #[inline]
    pub(crate) async fn pass_on(&mut self) -> Result<(), Failure> {
        if self.sink.is_full() {
            self.sink.flush().await?;
        }
        Ok(())
    }

    /// Waits for `next`, which is whatever brings more rows. If that takes a moment, what gathered is written; and if whoever
    /// reads the output closes it meanwhile, that ends the wait.
    ///
    /// # Errors
    ///
    /// As [`pass_on`](Self::pass_on).
    pub(crate) async fn next<T>(&mut self, next: impl Future<Output = T>) -> Result<T, Failure> {
        let mut next = pin!(next);
        if self.has_gathered() {
            tokio::select! {
                biased;
                next = &mut next => return Ok(next),
                () = sleep(QUIET) => {}
            }
            // A reader who does not read does not stop the clock of what brings the rows.
            tokio::select! {
                biased;
                next = &mut next => return Ok(next),
                flushed = self.flush() => flushed?,
            }
        }
        tokio::select! {
            biased;
            next = next => Ok(next),
            failure = self.sink.failed() => Err(failure),
        }
    }

    /// Whether there are rows that are not written.
    fn has_gathered(&mut self) -> bool {
        let in_table = matches!(&self.result, Some(Printer::Table(table)) if !table.is_empty());
        in_table || !self.sink.buffer().is_empty()
    }

    /// Has all rows written that are there.
    async fn flush(&mut self) -> Result<(), Failure> {
        if let Some(Printer::Table(table)) = &mut self.result
            && !table.is_empty()
        {
            table.lay_out(self.sink.buffer());
        }
        self.sink.flush().await
    }

    /// Waits until somebody can read what is written. Dropping the future loses nothing.
    pub(crate) async fn opened(&mut self) {
        self.sink.opened().await;
    }

    /// That nobody could in this time.
    pub(crate) fn unread(&self, limit: Duration) -> Failure {
        self.sink.unread(limit)
    }

    /// Waits until all is written. A file is then in its place.
    ///
    /// # Errors
    ///
    /// It could not be; [`Failure::ClosedPipe`].
    pub(crate) async fn finish(mut self) -> Result<(), Failure> {
        self.end();
        self.sink.finish().await
    }

    /// Waits until the rows are written that came before a failure. There will be no file.
    ///
    /// # Errors
    ///
    /// As [`finish`](Self::finish).
    pub(crate) async fn give_up(&mut self) -> Result<(), Failure> {
        self.flush().await?;
        self.sink.give_up().await
    }
}

fn names(columns: &[Column]) -> impl Iterator<Item = &str> + Clone {
    columns.iter().map(|column| column.name.as_str())
}
