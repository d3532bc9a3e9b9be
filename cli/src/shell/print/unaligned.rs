//! The formats without columns on the screen: `unaligned` and `csv`.

use super::Printed;

impl Printed<'_> {
    pub(super) fn unaligned(&self, out: &mut String) {
        let (field, record) = (&self.options.fieldsep, &self.options.recordsep);
        let mut records = Vec::new();
        records.extend(self.title().map(str::to_owned));
        if !self.options.tuples_only {
            let names: Vec<_> = self.columns.iter().map(|column| column.name.as_str()).collect();
            records.push(names.join(field));
        }
        if !self.columns.is_empty() {
            for row in self.rows {
                let values: Vec<_> = row.iter().map(|value| self.text(value)).collect();
                records.push(values.join(field));
            }
        }
        records.extend(self.footer());
        if !records.is_empty() {
            out.push_str(&records.join(record));
            self.end(out);
        }
    }

    pub(super) fn unaligned_expanded(&self, out: &mut String) {
        let (field, record) = (&self.options.fieldsep, &self.options.recordsep);
        let mut blocks = Vec::new();
        blocks.extend(self.title().map(str::to_owned));
        if !self.columns.is_empty() {
            for row in self.rows {
                let fields: Vec<_> = self
                    .columns
                    .iter()
                    .zip(row)
                    .map(|(column, value)| format!("{}{field}{}", column.name, self.text(value)))
                    .collect();
                blocks.push(fields.join(record));
            }
        }
        if !blocks.is_empty() {
            out.push_str(&blocks.join(&format!("{record}{record}")));
            self.end(out);
        }
    }

    /// The end of the last record: a line feed, unless records end with a zero byte.
    fn end(&self, out: &mut String) {
        out.push(if self.options.recordsep == "\0" {
            '\0'
        } else {
            '\n'
        });
    }

    pub(super) fn csv(&self, expanded: bool, out: &mut String) {
        let mut line = |fields: &mut dyn Iterator<Item = &str>| {
            for (index, field) in fields.enumerate() {
                if index > 0 {
                    out.push(self.options.csv_fieldsep);
                }
                self.csv_field(field, out);
            }
            out.push('\n');
        };
        if expanded {
            for row in self.rows {
                for (column, value) in self.columns.iter().zip(row) {
                    line(&mut [column.name.as_str(), self.text(value)].into_iter());
                }
            }
            return;
        }
        if !self.options.tuples_only {
            line(&mut self.columns.iter().map(|column| column.name.as_str()));
        }
        for row in self.rows.iter().filter(|row| !row.is_empty()) {
            line(&mut row.iter().map(|value| self.text(value)));
        }
    }

    fn csv_field(&self, field: &str, out: &mut String) {
        let special = [self.options.csv_fieldsep, '"', '\r', '\n'];
        if field.contains(special) || field == "\\." {
            out.push('"');
            out.push_str(&field.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(field);
        }
    }
}
