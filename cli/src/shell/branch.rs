//! `\if`, `\elif`, `\else` and `\endif`.

use super::scan::Depth;

/// The branches that the input is in, the innermost last.
#[derive(Debug, Default)]
pub(crate) struct Branches(Vec<Branch>);

#[derive(Debug)]
struct Branch {
    state: State,
    /// The statement when the branch began: how long it was, and what was open in it.
    length: usize,
    depth: Depth,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// It is taken.
    True,
    /// None was taken so far.
    False,
    /// One was taken before, or the whole is in a branch that is not taken.
    Ignored,
    ElseTrue,
    ElseFalse,
}

impl Branches {
    /// Whether what is read counts.
    pub(crate) fn is_active(&self) -> bool {
        matches!(self.state(), None | Some(State::True | State::ElseTrue))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn state(&self) -> Option<State> {
        self.0.last().map(|branch| branch.state)
    }

    pub(crate) fn begin(&mut self, state: State, length: usize, depth: Depth) {
        self.0.push(Branch { state, length, depth });
    }

    pub(crate) fn set_state(&mut self, state: State) {
        if let Some(branch) = self.0.last_mut() {
            branch.state = state;
        }
    }

    /// Keeps how far the statement has come: what follows does not count.
    pub(crate) fn keep(&mut self, length: usize, depth: Depth) {
        if let Some(branch) = self.0.last_mut() {
            branch.length = length;
            branch.depth = depth;
        }
    }

    /// What is to be left of the statement.
    pub(crate) fn kept(&self) -> Option<(usize, Depth)> {
        self.0.last().map(|branch| (branch.length, branch.depth.clone()))
    }

    pub(crate) fn end(&mut self) {
        self.0.pop();
    }
}
