//! The types that a database has beside the built-in ones.

use std::collections::{HashMap, HashSet};

use dblink_protocol::backend::TransactionStatus;
use postgres_types::{Field, Kind, Type};

use super::parameter::Encoded;
use super::{Columns, Connection, Error};

/// How deep types may be nested in each other.
const DEPTH: usize = 64;

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
            if oid != 0 && self.known(oid).is_none() {
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

    pub(super) fn is_complete(&self) -> bool {
        self.wanted.is_empty()
    }
}

impl Connection {
    /// Looks up the types that are wanted, and those that they are made of. No result may be open.
    ///
    /// Dropping it leaves them wanted, and so does a transaction that has failed. Of a server without such a catalog they
    /// stay unknown.
    pub(super) async fn look_up_types(&mut self) -> Result<(), Error> {
        if self.types.is_complete() || self.transaction_status() == TransactionStatus::Failed {
            return Ok(());
        }
        match self.ask_for_types().await {
            Err(Error::Server(_)) => {
                self.types.wanted.clear();
                Ok(())
            }
            result => result,
        }
    }

    async fn ask_for_types(&mut self) -> Result<(), Error> {
        let mut entries = HashMap::new();
        let mut unknown: Vec<u32> = self.types.wanted.iter().copied().collect();
        while !unknown.is_empty() {
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
        for oid in entries.keys() {
            if let Some(type_) = build(*oid, &entries, &self.types, DEPTH) {
                self.types.known.insert(*oid, type_);
            }
        }
        self.types.wanted.clear();
        Ok(())
    }

    async fn catalog_entries(&mut self, oids: &[u32]) -> Result<Vec<(u32, Entry)>, Error> {
        let oids = Encoded::default().typed(&[&oids], &[Type::OID_ARRAY])?;
        let mut rows = self.ask(CATALOG, oids).await?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next().await? {
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
            entries.push((row.get(0)?, entry));
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

/// Puts a type together; none if a part of it is not there, or it is nested deeper than `depth`.
fn build(oid: u32, entries: &HashMap<u32, Option<Entry>>, types: &Types, depth: usize) -> Option<Type> {
    if let Some(known) = types.known(oid) {
        return Some(known);
    }
    let depth = depth.checked_sub(1)?;
    let entry = entries.get(&oid)?.as_ref()?;
    let part = |oid: &u32| build(*oid, entries, types, depth);
    let kind = match &entry.definition {
        Definition::Simple => Kind::Simple,
        Definition::Pseudo => Kind::Pseudo,
        Definition::Enum(labels) => Kind::Enum(labels.clone()),
        Definition::Array(element) => Kind::Array(part(element)?),
        Definition::Range(subtype) => Kind::Range(part(subtype)?),
        Definition::Multirange(subtype) => Kind::Multirange(part(subtype)?),
        Definition::Domain(base) => Kind::Domain(part(base)?),
        Definition::Composite(fields) => {
            let fields = fields
                .iter()
                .map(|(name, oid)| Some(Field::new(name.clone(), part(oid)?)));
            Kind::Composite(fields.collect::<Option<_>>()?)
        }
    };
    Some(Type::new(entry.name.clone(), oid, kind, entry.schema.clone()))
}
