//! The types that a database has beside the built-in ones.

use std::collections::{HashMap, HashSet};

use dblink_protocol::backend::TransactionStatus;
use postgres_types::{Field, Kind, Type};

use super::parameter::Encoded;
use super::{Columns, Connection, Error};

/// How deep types may be nested in each other.
const DEPTH: usize = 64;

/// The class of the SQLSTATEs that a server without such a catalog answers with: syntax error or access rule violation.
const NO_SUCH_CATALOG: &str = "42";

/// What PostgreSQL's catalog says of types. Every name is qualified: the search path is the user's, or somebody else's.
///
/// PostgreSQL manual: [pg_type](https://www.postgresql.org/docs/current/catalog-pg-type.html).
const CATALOG: &str = "\
    SELECT t.oid, t.typname::pg_catalog.text, n.nspname::pg_catalog.text, t.typtype, t.typcategory, t.typelem, \
        t.typbasetype, r.rngsubtype, \
        (SELECT pg_catalog.array_agg(e.enumlabel::pg_catalog.text ORDER BY e.enumsortorder) \
            FROM pg_catalog.pg_enum e WHERE e.enumtypid OPERATOR(pg_catalog.=) t.oid), \
        (SELECT pg_catalog.array_agg(a.attname::pg_catalog.text ORDER BY a.attnum) FROM pg_catalog.pg_attribute a \
            WHERE a.attrelid OPERATOR(pg_catalog.=) t.typrelid AND a.attnum OPERATOR(pg_catalog.>) 0 \
            AND NOT a.attisdropped), \
        (SELECT pg_catalog.array_agg(a.atttypid ORDER BY a.attnum) FROM pg_catalog.pg_attribute a \
            WHERE a.attrelid OPERATOR(pg_catalog.=) t.typrelid AND a.attnum OPERATOR(pg_catalog.>) 0 \
            AND NOT a.attisdropped) \
    FROM pg_catalog.pg_type t \
    JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) t.typnamespace \
    LEFT JOIN pg_catalog.pg_range r ON t.oid OPERATOR(pg_catalog.=) r.rngtypid \
        OR t.oid OPERATOR(pg_catalog.=) r.rngmultitypid \
    WHERE t.oid OPERATOR(pg_catalog.=) ANY ($1)";

/// The types that were looked up.
#[derive(Debug, Default)]
pub(super) struct Types {
    known: HashMap<u32, Type>,
    /// Met in a result, and not looked up yet.
    wanted: HashSet<u32>,
    /// Looked up, and not there.
    absent: HashSet<u32>,
}

/// A type as the catalog has it.
struct Entry {
    name: String,
    schema: String,
    definition: Definition,
}

/// What a type is made of.
enum Definition {
    Simple,
    Pseudo,
    Enum(Vec<String>),
    Array(u32),
    Range(u32),
    Multirange(u32),
    Domain(u32),
    Composite(Vec<(String, u32)>),
}

impl Types {
    /// The type, or one that only has the number, if the type was not looked up.
    pub(super) fn get(&self, oid: u32) -> Type {
        self.known(oid)
            .unwrap_or_else(|| Type::new(format!("oid {oid}"), oid, Kind::Simple, String::new()))
    }

    fn known(&self, oid: u32) -> Option<Type> {
        Type::from_oid(oid).or_else(|| self.known.get(&oid).cloned())
    }

    /// Remembers to look up what is unknown of these; tells whether there was something.
    pub(super) fn want(&mut self, oids: impl IntoIterator<Item = u32>) -> bool {
        let mut any = false;
        for oid in oids {
            // Zero is no type: that of a parameter which the server has not found out.
            if oid != 0 && self.known(oid).is_none() && !self.absent.contains(&oid) {
                self.wanted.insert(oid);
                any = true;
            }
        }
        any
    }

    /// The same for columns.
    pub(super) fn want_columns(&mut self, columns: &Columns) -> bool {
        self.want(columns.iter().map(|column| column.type_().oid()))
    }

    /// No more is to be found out about those that are wanted.
    fn found(&mut self) {
        let known = &self.known;
        let absent = self.wanted.drain().filter(|oid| !known.contains_key(oid));
        self.absent.extend(absent);
    }

    pub(super) fn is_complete(&self) -> bool {
        self.wanted.is_empty()
    }
}

impl Connection {
    /// Forgets the types that were looked up, and the statements in the cache, whose columns have such types.
    ///
    /// Types are looked up once, when they are first met. One that is dropped and made anew is another one, and is looked up,
    /// too; one that is changed by
    /// [`ALTER TYPE`](https://www.postgresql.org/docs/current/sql-altertype.html) stays as it was until this is called: an enum
    /// does not get its new labels, nor a composite its new attributes. A [`Statement`](super::Statement) that somebody holds
    /// keeps the types that it has.
    pub fn forget_types(&mut self) {
        self.types = Types::default();
        self.statements.clear();
    }

    /// Looks up the types that are wanted, and those that they are made of. No result may be open.
    ///
    /// Dropping it leaves them wanted, and so does a transaction that has failed. Of a server without such a catalog they
    /// stay unknown.
    pub(super) async fn look_up_types(&mut self) -> Result<(), Error> {
        if self.types.is_complete() || self.transaction_status() == TransactionStatus::Failed {
            return Ok(());
        }
        let result = self.ask_for_types().await;
        match &result {
            Err(Error::Server(refusal))
                if refusal
                    .sqlstate()
                    .is_some_and(|state| state.as_str().starts_with(NO_SUCH_CATALOG)) => {}
            // It has such a catalog, with something else in it. The rest of that must not meet the next command.
            Err(Error::Column { .. } | Error::NoColumn { .. }) => self.settle().await?,
            _ => return result,
        }
        self.types.found();
        if self.transaction_status() == TransactionStatus::Failed {
            // It has cost the transaction, which must be told. The next one is not to meet the same.
            return result;
        }
        Ok(())
    }

    /// The same after a result. Where that is committed already, it is not to be hidden by a failure of this: the types stay
    /// unknown.
    pub(super) async fn look_up_types_of_result(&mut self) -> Result<(), Error> {
        match self.look_up_types().await {
            Err(error) if self.transaction_status() != TransactionStatus::Idle => Err(error),
            _ => Ok(()),
        }
    }

    async fn ask_for_types(&mut self) -> Result<(), Error> {
        let mut entries = HashMap::new();
        let mut unknown = self.types.wanted.clone();
        // A server that goes on naming parts of parts is not followed for ever.
        for _ in 0..DEPTH {
            if unknown.is_empty() {
                break;
            }
            let found = self.catalog_entries(&unknown).await?;
            for oid in unknown {
                // One that is not there any more is not asked for again in this round.
                entries.entry(oid).or_insert(None);
            }
            entries.extend(found.into_iter().map(|(oid, entry)| (oid, Some(entry))));
            unknown = entries
                .values()
                .flatten()
                .flat_map(|entry| entry.definition.parts())
                .filter(|oid| self.types.known(*oid).is_none() && !entries.contains_key(oid))
                .collect();
        }
        for oid in entries.keys().copied().collect::<Vec<_>>() {
            build(oid, &mut entries, &mut self.types, DEPTH);
        }
        self.types.found();
        Ok(())
    }

    async fn catalog_entries(&mut self, asked: &HashSet<u32>) -> Result<HashMap<u32, Entry>, Error> {
        let oids: Vec<_> = asked.iter().copied().collect();
        let oids = Encoded::default().typed(&[&oids], &[Type::OID_ARRAY])?;
        let mut rows = self.ask(CATALOG, oids).await?;
        let mut entries = HashMap::new();
        while let Some(row) = rows.next().await? {
            // Whatever else a server says, it does not fill the memory.
            let oid = row.get(0)?;
            if !asked.contains(&oid) || entries.contains_key(&oid) {
                continue;
            }
            let typtype = u8::try_from(row.get::<i8>(3)?).unwrap_or_default();
            let category = u8::try_from(row.get::<i8>(4)?).unwrap_or_default();
            let definition = match (typtype, category) {
                (b'e', _) => Definition::Enum(row.get::<Option<_>>(8)?.unwrap_or_default()),
                (b'd', _) => Definition::Domain(row.get(6)?),
                (b'r', _) => Definition::Range(row.get::<Option<_>>(7)?.unwrap_or_default()),
                (b'm', _) => Definition::Multirange(row.get::<Option<_>>(7)?.unwrap_or_default()),
                (b'p', _) => Definition::Pseudo,
                (b'c', _) => {
                    let names = row.get::<Option<Vec<String>>>(9)?.unwrap_or_default();
                    let types = row.get::<Option<Vec<u32>>>(10)?.unwrap_or_default();
                    Definition::Composite(names.into_iter().zip(types).collect())
                }
                (_, b'A') => Definition::Array(row.get(5)?),
                _ => Definition::Simple,
            };
            let entry = Entry {
                name: row.get(1)?,
                schema: row.get(2)?,
                definition,
            };
            entries.insert(oid, entry);
        }
        Ok(entries)
    }
}

impl Definition {
    /// The types that it refers to.
    fn parts(&self) -> Vec<u32> {
        match self {
            Self::Simple | Self::Pseudo | Self::Enum(_) => Vec::new(),
            Self::Array(oid) | Self::Range(oid) | Self::Multirange(oid) | Self::Domain(oid) => vec![*oid],
            Self::Composite(fields) => fields.iter().map(|(_, oid)| *oid).collect(),
        }
    }
}

/// Puts a type together, and those that it is made of; none if a part of it is not there, or it is nested deeper than
/// `depth`.
fn build(
    oid: u32,
    entries: &mut HashMap<u32, Option<Entry>>,
    types: &mut Types,
    depth: usize,
) -> Option<Type> {
    if let Some(known) = types.known(oid) {
        return Some(known);
    }
    let depth = depth.checked_sub(1)?;
    // Each is built once, however many are made of it; and one that says to be made of itself is not.
    let entry = entries.remove(&oid)??;
    let mut part = |oid: u32| build(oid, entries, types, depth);
    let kind = match entry.definition {
        Definition::Simple => Kind::Simple,
        Definition::Pseudo => Kind::Pseudo,
        Definition::Enum(labels) => Kind::Enum(labels),
        Definition::Array(element) => Kind::Array(part(element)?),
        Definition::Range(subtype) => Kind::Range(part(subtype)?),
        Definition::Multirange(subtype) => Kind::Multirange(part(subtype)?),
        Definition::Domain(base) => Kind::Domain(part(base)?),
        Definition::Composite(fields) => {
            let fields = fields.into_iter();
            let fields = fields.map(|(name, oid)| Some(Field::new(name, part(oid)?)));
            Kind::Composite(fields.collect::<Option<_>>()?)
        }
    };
    let type_ = Type::new(entry.name, oid, kind, entry.schema);
    types.known.insert(oid, type_.clone());
    Some(type_)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: u32 = 20_000;

    fn entries(definitions: impl IntoIterator<Item = Definition>) -> HashMap<u32, Option<Entry>> {
        let entries = (FIRST..).zip(definitions).map(|(oid, definition)| {
            let entry = Entry {
                name: format!("t{oid}"),
                schema: "public".to_owned(),
                definition,
            };
            (oid, Some(entry))
        });
        entries.collect()
    }

    /// Each of these has two of the one before: putting every one together anew would not come to an end.
    #[test]
    fn what_many_paths_lead_to_is_built_once() {
        const COUNT: u32 = 60;
        let pair = |oid: u32| Definition::Composite(vec![("a".to_owned(), oid), ("b".to_owned(), oid)]);
        let parts = std::iter::once(Type::INT4.oid())
            .chain(FIRST..)
            .take(COUNT as usize);
        let mut entries = entries(parts.map(pair));
        let mut types = Types::default();
        let mut type_ = build(FIRST + COUNT - 1, &mut entries, &mut types, DEPTH).unwrap();
        for _ in 0..COUNT {
            let Kind::Composite(fields) = type_.kind() else {
                panic!("{type_}");
            };
            type_ = fields[1].type_().clone();
        }
        assert_eq!(type_, Type::INT4);
    }

    #[test]
    fn what_is_made_of_itself_or_of_nothing_is_not_built() {
        let definitions = [
            Definition::Array(FIRST + 1),
            Definition::Domain(FIRST),
            Definition::Range(FIRST + 100),
        ];
        let mut entries = entries(definitions);
        let mut types = Types::default();
        assert!(types.want([FIRST, FIRST + 2]));
        for oid in [FIRST, FIRST + 2] {
            assert!(build(oid, &mut entries, &mut types, DEPTH).is_none());
        }
        types.found();
        assert!(
            types.is_complete() && !types.want([FIRST, FIRST + 2]),
            "they are not asked for again"
        );
    }

    #[test]
    fn what_is_nested_too_deep_is_not_built() {
        let depth = u32::try_from(DEPTH).unwrap();
        let chain =
            || entries(std::iter::once(Definition::Simple).chain((FIRST..).map(Definition::Array).take(100)));
        let mut types = Types::default();
        assert!(build(FIRST + depth, &mut chain(), &mut types, DEPTH).is_none());
        assert!(build(FIRST + depth - 1, &mut chain(), &mut types, DEPTH).is_some());
    }
}
