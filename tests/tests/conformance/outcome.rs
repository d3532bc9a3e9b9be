//! What comes of a step.

use std::fmt;

/// What comes of a call or a statement: what the caller gets to see.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Outcome {
    /// The rows, as text. None where there is no result.
    pub(crate) rows: Option<Vec<Vec<Option<String>>>>,
    /// The error, which stands in the place of the rows.
    pub(crate) error: Option<Report>,
    /// The notices that came before that.
    pub(crate) notices: Vec<Report>,
    /// What remote servers noticed.
    pub(crate) remote_notices: Vec<Report>,
}

/// An error or a notice.
///
/// PostgreSQL manual: [Error and Notice Message Fields](https://www.postgresql.org/docs/current/protocol-error-fields.html).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Report {
    /// Such as `ERROR`.
    pub(crate) severity: String,
    /// Five characters.
    pub(crate) sqlstate: String,
    /// The primary message.
    pub(crate) message: String,
    /// The detail.
    pub(crate) detail: Option<String>,
    /// The hint.
    pub(crate) hint: Option<String>,
    /// The context, a line each.
    pub(crate) context: Vec<String>,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for notice in &self.notices {
            writeln!(f, "    {notice}")?;
        }
        for notice in &self.remote_notices {
            writeln!(f, "    of the remote server: {notice}")?;
        }
        if let Some(error) = &self.error {
            writeln!(f, "    {error}")?;
        }
        for row in self.rows.iter().flatten() {
            let row: Vec<_> = row
                .iter()
                .map(|value| {
                    value
                        .as_ref()
                        .map_or_else(|| "NULL".to_owned(), |value| format!("{value:?}"))
                })
                .collect();
            writeln!(f, "    ({})", row.join(", "))?;
        }
        if self.rows.as_ref().is_some_and(Vec::is_empty) {
            writeln!(f, "    no rows")?;
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.severity, self.sqlstate, self.message)?;
        let context = Some(self.context.join("\n")).filter(|context| !context.is_empty());
        for (label, text) in [
            ("DETAIL", &self.detail),
            ("HINT", &self.hint),
            ("CONTEXT", &context),
        ] {
            if let Some(text) = text {
                write!(f, "\n      {label}: {text}")?;
            }
        }
        Ok(())
    }
}
