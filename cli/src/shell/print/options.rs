//! `\pset`: how tables are printed.

use crate::shell::variables::parse_switch;

/// How tables are printed.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) format: Format,
    pub(crate) border: u16,
    pub(crate) expanded: Expanded,
    pub(crate) null: String,
    pub(crate) tuples_only: bool,
    pub(crate) footer: bool,
    pub(crate) fieldsep: String,
    pub(crate) recordsep: String,
    pub(crate) csv_fieldsep: char,
    pub(crate) title: Option<String>,
    /// How wide the output is taken to be; 0 for the terminal's width.
    pub(crate) columns: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Aligned,
    Csv,
    Unaligned,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expanded {
    Off,
    On,
    /// If the table is wider than the terminal.
    Auto,
}

/// The names of what can be set, as they are listed.
pub(crate) const NAMES: [&str; 13] = [
    "border",
    "columns",
    "csv_fieldsep",
    "expanded",
    "fieldsep",
    "fieldsep_zero",
    "footer",
    "format",
    "null",
    "recordsep",
    "recordsep_zero",
    "title",
    "tuples_only",
];

/// What psql has beside, and is not here.
const NOT_HERE: [&str; 9] = [
    "linestyle",
    "numericlocale",
    "tableattr",
    "T",
    "unicode_border_linestyle",
    "unicode_column_linestyle",
    "unicode_header_linestyle",
    "xheader_width",
    "pager_min_lines",
];

impl Default for Options {
    fn default() -> Self {
        Self {
            format: Format::Aligned,
            border: 1,
            expanded: Expanded::Off,
            null: String::new(),
            tuples_only: false,
            footer: true,
            fieldsep: "|".to_owned(),
            recordsep: "\n".to_owned(),
            csv_fieldsep: ',',
            title: None,
            columns: 0,
        }
    }
}

impl Format {
    const ALL: [(&'static str, Self); 3] = [
        ("aligned", Self::Aligned),
        ("csv", Self::Csv),
        ("unaligned", Self::Unaligned),
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Aligned => "aligned",
            Self::Csv => "csv",
            Self::Unaligned => "unaligned",
        }
    }
}

impl Options {
    /// Sets an option, or changes it to its other value if none is given.
    ///
    /// # Errors
    ///
    /// What is wrong, as it is told.
    pub(crate) fn set(&mut self, name: &str, value: Option<&str>) -> Result<(), String> {
        match name {
            "format" => self.format = value.map_or(Ok(self.format), format)?,
            "border" => {
                if let Some(value) = value {
                    // What is no number is none.
                    self.border = number(value).try_into().unwrap_or(u16::MAX);
                }
            }
            "columns" => {
                if let Some(value) = value {
                    self.columns = number(value);
                }
            }
            "x" | "expanded" | "vertical" => {
                self.expanded = match value {
                    Some(value) if value.eq_ignore_ascii_case("auto") => Expanded::Auto,
                    Some(value) => match parse_switch(value) {
                        Some(true) => Expanded::On,
                        Some(false) => Expanded::Off,
                        None => {
                            return Err(format!(
                                "unrecognized value \"{value}\" for \"{name}\"\nAvailable values are: on, off, auto."
                            ));
                        }
                    },
                    None if self.expanded == Expanded::Off => Expanded::On,
                    None => Expanded::Off,
                }
            }
            "csv_fieldsep" => {
                if let Some(value) = value {
                    self.csv_fieldsep = csv_separator(value)?;
                }
            }
            "null" => set_text(&mut self.null, value),
            "fieldsep" => set_text(&mut self.fieldsep, value),
            "recordsep" => set_text(&mut self.recordsep, value),
            "fieldsep_zero" => "\0".clone_into(&mut self.fieldsep),
            "recordsep_zero" => "\0".clone_into(&mut self.recordsep),
            "t" | "tuples_only" => self.tuples_only = switch("tuples_only", name, value, self.tuples_only)?,
            "footer" => self.footer = switch("footer", name, value, self.footer)?,
            "C" | "title" => self.title = value.map(str::to_owned),
            // There is none, and nothing to be done for it.
            "pager" => {}
            _ if NOT_HERE.contains(&name) => {
                return Err(format!("\\pset: \"{name}\" is not there in this shell"));
            }
            _ => return Err(format!("\\pset: unknown option: {name}")),
        }
        Ok(())
    }

    /// How an option is said to be set; none if that is not said.
    pub(crate) fn told(&self, name: &str) -> Option<String> {
        let switch = |value: bool| if value { "on" } else { "off" };
        let separator = |title: &str, value: &str| match value {
            "\0" => format!("{title} separator is zero byte."),
            "\n" if title == "Record" => format!("{title} separator is <newline>."),
            value => format!("{title} separator is \"{value}\"."),
        };
        Some(match name {
            "format" => format!("Output format is {}.", self.format.name()),
            "border" => format!("Border style is {}.", self.border),
            "columns" => match self.columns {
                0 => "Target width is unset.".to_owned(),
                columns => format!("Target width is {columns}."),
            },
            "x" | "expanded" | "vertical" => match self.expanded {
                Expanded::On => "Expanded display is on.",
                Expanded::Off => "Expanded display is off.",
                Expanded::Auto => "Expanded display is used automatically.",
            }
            .to_owned(),
            "csv_fieldsep" => format!("Field separator for CSV is \"{}\".", self.csv_fieldsep),
            "null" => format!("Null display is \"{}\".", self.null),
            "fieldsep" | "fieldsep_zero" => separator("Field", &self.fieldsep),
            "recordsep" | "recordsep_zero" => separator("Record", &self.recordsep),
            "t" | "tuples_only" => format!("Tuples only is {}.", switch(self.tuples_only)),
            "footer" => format!("Default footer is {}.", switch(self.footer)),
            "C" | "title" => match &self.title {
                Some(title) => format!("Title is \"{title}\"."),
                None => "Title is unset.".to_owned(),
            },
            "pager" => "Pager usage is off.".to_owned(),
            _ => return None,
        })
    }

    /// An option's value in the list of all.
    pub(crate) fn listed(&self, name: &str) -> String {
        let switch = |value: bool| if value { "on" } else { "off" }.to_owned();
        match name {
            "format" => self.format.name().to_owned(),
            "border" => self.border.to_string(),
            "columns" => self.columns.to_string(),
            "expanded" => match self.expanded {
                Expanded::On => "on",
                Expanded::Off => "off",
                Expanded::Auto => "auto",
            }
            .to_owned(),
            "csv_fieldsep" => quoted(&self.csv_fieldsep.to_string()),
            "null" => quoted(&self.null),
            "fieldsep" => quoted(if self.fieldsep == "\0" { "" } else { &self.fieldsep }),
            "recordsep" => quoted(if self.recordsep == "\0" {
                ""
            } else {
                &self.recordsep
            }),
            "fieldsep_zero" => switch(self.fieldsep == "\0"),
            "recordsep_zero" => switch(self.recordsep == "\0"),
            "footer" => switch(self.footer),
            "tuples_only" => switch(self.tuples_only),
            _ => self.title.as_deref().map(quoted).unwrap_or_default(),
        }
    }
}

fn quoted(text: &str) -> String {
    format!(
        "'{}'",
        text.replace('\\', "\\\\")
            .replace('\'', "\\'")
            .replace('\n', "\\n")
    )
}

fn set_text(field: &mut String, value: Option<&str>) {
    if let Some(value) = value {
        value.clone_into(field);
    }
}

fn switch(told: &str, _name: &str, value: Option<&str>, now: bool) -> Result<bool, String> {
    let Some(value) = value else { return Ok(!now) };
    parse_switch(value)
        .ok_or_else(|| format!("unrecognized value \"{value}\" for \"{told}\": Boolean expected"))
}

/// The number that a text begins with, or 0.
fn number(text: &str) -> usize {
    let text = text.trim_start();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.get(..digits)
        .and_then(|digits| digits.parse().ok())
        .unwrap_or_default()
}

fn csv_separator(value: &str) -> Result<char, String> {
    let mut characters = value.chars();
    match (characters.next(), characters.next()) {
        (Some('"' | '\n' | '\r'), None) => {
            Err("\\pset: csv_fieldsep cannot be a double quote, a newline, or a carriage return".to_owned())
        }
        (Some(c), None) if c.is_ascii() => Ok(c),
        _ => Err("\\pset: csv_fieldsep must be a single one-byte character".to_owned()),
    }
}

/// The format of this name, or the one whose name begins so.
fn format(value: &str) -> Result<Format, String> {
    let value = value.to_ascii_lowercase();
    let found = Format::ALL
        .iter()
        .find(|(name, _)| !value.is_empty() && name.starts_with(&value));
    found
        .map(|(_, format)| *format)
        .ok_or_else(|| "\\pset: allowed formats are aligned, csv, unaligned".to_owned())
}
