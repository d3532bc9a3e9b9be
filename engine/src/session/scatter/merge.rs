//! The rows of all targets in one order.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use super::desk::Desk;
use super::key::{Kind, Rank};
use super::order::Order;
use super::unfit::Unfit;
use crate::connection::OwnedRow;

/// The rows of targets that each give them sorted. The next is known when each target has given one, or has none any more.
#[derive(Debug)]
pub(super) struct Merge {
    order: Order,
    /// The next row of each, as far as it is there.
    heads: BinaryHeap<Reverse<Head>>,
    /// Whose next row is not there.
    lacking: Vec<usize>,
    /// How many rows each has given, and where the last one is.
    given: Vec<(u64, Option<Rank>)>,
}

#[derive(Debug)]
struct Head {
    rank: Rank,
    source: usize,
    row: OwnedRow,
}

impl Merge {
    pub(super) fn new(order: Order, targets: usize) -> Self {
        Self {
            order,
            heads: BinaryHeap::new(),
            lacking: (0..targets).collect(),
            given: vec![(0, None); targets],
        }
    }

    /// Takes what has come of those that lack a row.
    ///
    /// # Errors
    ///
    /// With a target whose row is where it cannot be. It was thrown away.
    pub(super) fn fill(&mut self, desk: &Desk) -> Result<(), (usize, Unfit)> {
        let mut at = 0;
        while let Some(&source) = self.lacking.get(at) {
            let Some(row) = desk.take_of(source) else {
                at += 1;
                continue;
            };
            let rank = self.rank(source, &row).map_err(|unfit| (source, unfit))?;
            self.heads.push(Reverse(Head { rank, source, row }));
            self.lacking.swap_remove(at);
        }
        Ok(())
    }

    /// Where a target's next row is.
    fn rank(&mut self, source: usize, row: &OwnedRow) -> Result<Rank, Unfit> {
        let column = &self.order.column;
        let found = row.columns().position(column);
        let found = found.and_then(|index| Some((index, row.columns().get(index)?)));
        let found = found.and_then(|(index, column)| Some((index, column, Kind::of(column.type_())?)));
        let unknown = |row| Unfit::Value {
            column: column.clone(),
            row,
        };
        let Some((number, last)) = self.given.get_mut(source) else {
            return Err(unknown(0));
        };
        *number += 1;
        // It was there when the result began.
        let (index, described, kind) = found.ok_or_else(|| unknown(*number))?;
        let key = match row.raw(index) {
            Ok(Some(value)) => {
                let key = kind.key(described.format(), value);
                Some(key.ok_or_else(|| unknown(*number))?)
            }
            Ok(None) => None,
            Err(_) => return Err(unknown(*number)),
        };
        let rank = self.order.rank(key);
        if last.as_ref().is_some_and(|last| rank < *last) {
            return Err(Unfit::Unsorted {
                order: self.order.in_query(kind.is_text()),
                row: *number,
            });
        }
        Ok(rank)
    }

    /// Whether something has come of one that lacks a row.
    pub(super) fn has_more(&self, desk: &Desk) -> bool {
        self.lacking.iter().any(|source| desk.has(*source))
    }

    /// Whose row is the first as far as they are there.
    pub(super) fn first(&self) -> Option<usize> {
        self.heads.peek().map(|Reverse(head)| head.source)
    }

    /// The next row, if it is known; `is_over` tells that of a target no row will come any more.
    pub(super) fn next(&mut self, is_over: impl Fn(usize) -> bool) -> Option<(usize, OwnedRow)> {
        self.lacking.retain(|source| !is_over(*source));
        if !self.lacking.is_empty() {
            return None;
        }
        let Reverse(Head { rank, source, row }) = self.heads.pop()?;
        self.lacking.push(source);
        if let Some((_, last)) = self.given.get_mut(source) {
            *last = Some(rank);
        }
        Some((source, row))
    }
}

/// Rows that are equal go by their targets.
impl Ord for Head {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_rank = self.rank.cmp(&other.rank);
        by_rank.then_with(|| self.source.cmp(&other.source))
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Head {}
