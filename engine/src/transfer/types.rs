//! Whether a value's binary form means the same on both sides.

use postgres_types::{Kind, Type};

/// The built-in types whose binary format is the same in all versions of PostgreSQL, and speaks of nothing outside the value:
/// of no object of the database, and of no locale.
const STABLE: [Type; 42] = [
    Type::BOOL,
    Type::BYTEA,
    Type::CHAR,
    Type::NAME,
    Type::INT8,
    Type::INT2,
    Type::INT4,
    Type::TEXT,
    Type::OID,
    Type::JSON,
    Type::POINT,
    Type::LSEG,
    Type::PATH,
    Type::BOX,
    Type::POLYGON,
    Type::LINE,
    Type::CIRCLE,
    Type::CIDR,
    Type::INET,
    Type::FLOAT4,
    Type::FLOAT8,
    Type::MACADDR,
    Type::MACADDR8,
    Type::BPCHAR,
    Type::VARCHAR,
    Type::DATE,
    Type::TIME,
    Type::TIMETZ,
    Type::TIMESTAMP,
    Type::TIMESTAMPTZ,
    Type::INTERVAL,
    Type::BIT,
    Type::VARBIT,
    Type::NUMERIC,
    Type::UUID,
    Type::TS_VECTOR,
    Type::TSQUERY,
    Type::JSONB,
    Type::JSONPATH,
    Type::PG_LSN,
    Type::XID8,
    Type::PG_SNAPSHOT,
];

/// What the binary form of a value of one type is as a value of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Binary {
    /// The same value.
    Same,
    /// The same value, if types of one name that are not built in are the same type.
    SameIfNamesTell,
    /// Another value, or none.
    Different,
}

/// What the binary form of a value of the type `from` is as a value of the type `to`.
///
/// A domain is its base type. Enums travel as their labels, ranges as their bounds; arrays and composites carry the numbers of
/// the types that they are made of, which have to be the same.
pub(super) fn binary(from: &Type, to: &Type) -> Binary {
    match (from.kind(), to.kind()) {
        (Kind::Domain(base), _) => binary(base, to),
        (_, Kind::Domain(base)) => binary(from, base),
        (Kind::Enum(_), Kind::Enum(_)) => same_if(from.name() == to.name()),
        (Kind::Array(from), Kind::Array(to)) => part(from, to),
        (Kind::Range(from_bound), Kind::Range(to_bound))
        | (Kind::Multirange(from_bound), Kind::Multirange(to_bound)) => {
            same_if(from.name() == to.name()).max(binary(from_bound, to_bound))
        }
        (Kind::Composite(from), Kind::Composite(to)) if from.len() == to.len() => {
            let fields = from.iter().zip(to);
            let parts = fields
                .map(|(from, to)| same_if(from.name() == to.name()).max(part(from.type_(), to.type_())));
            parts.max().unwrap_or(Binary::Same)
        }
        (Kind::Simple, Kind::Simple) => simple(from, to),
        _ => Binary::Different,
    }
}

/// A value inside another that carries the number of its type.
fn part(from: &Type, to: &Type) -> Binary {
    same_if(from.oid() == to.oid()).max(binary(from, to))
}

fn simple(from: &Type, to: &Type) -> Binary {
    let text = |type_: &Type| [Type::TEXT, Type::VARCHAR].contains(type_);
    if STABLE.contains(from) && from == to || text(from) && text(to) || [from, to] == [&Type::MONEY; 2] {
        return Binary::Same;
    }
    let named = from.name() == to.name() && !from.schema().is_empty() && !to.schema().is_empty();
    if named && Type::from_oid(from.oid()).is_none() && Type::from_oid(to.oid()).is_none() {
        return Binary::SameIfNamesTell;
    }
    Binary::Different
}

const fn same_if(same: bool) -> Binary {
    if same { Binary::Same } else { Binary::Different }
}

/// Whether a value holds an amount of money, in which the number of decimal places and the sign of the currency are the
/// locale's.
pub(super) fn holds_money(type_: &Type) -> bool {
    match type_.kind() {
        Kind::Array(part) | Kind::Range(part) | Kind::Multirange(part) | Kind::Domain(part) => {
            holds_money(part)
        }
        Kind::Composite(fields) => fields.iter().any(|field| holds_money(field.type_())),
        _ => *type_ == Type::MONEY,
    }
}

#[cfg(test)]
mod tests {
    use postgres_types::Field;

    use super::*;

    fn type_(name: &str, oid: u32, kind: Kind) -> Type {
        Type::new(name.to_owned(), oid, kind, "public".to_owned())
    }

    fn enum_(name: &str, oid: u32) -> Type {
        type_(name, oid, Kind::Enum(vec!["a".to_owned()]))
    }

    fn composite(oid: u32, part: Type) -> Type {
        type_("c", oid, Kind::Composite(vec![Field::new("f".to_owned(), part)]))
    }

    #[test]
    fn built_in_types_are_the_same_as_themselves() {
        for type_ in [
            Type::INT4,
            Type::JSONB,
            Type::INT4_ARRAY,
            Type::TSTZ_RANGE,
            Type::NUMMULTI_RANGE,
        ] {
            assert_eq!(binary(&type_, &type_), Binary::Same, "{type_}");
        }
        for (from, to) in [
            (Type::INT4, Type::INT8),
            (Type::INT4, Type::TEXT),
            (Type::TIMESTAMP, Type::TIMESTAMPTZ),
            (Type::TEXT_ARRAY, Type::VARCHAR_ARRAY),
            (Type::INT4, Type::INT4_ARRAY),
            (Type::INT4_RANGE, Type::INT8_RANGE),
        ] {
            assert_eq!(binary(&from, &to), Binary::Different, "{from} {to}");
        }
    }

    #[test]
    fn text_is_varchar_and_nothing_else() {
        assert_eq!(binary(&Type::TEXT, &Type::VARCHAR), Binary::Same);
        assert_eq!(binary(&Type::VARCHAR, &Type::TEXT), Binary::Same);
        for other in [Type::BPCHAR, Type::NAME, Type::JSON] {
            assert_eq!(binary(&Type::TEXT, &other), Binary::Different, "{other}");
            assert_eq!(binary(&other, &Type::TEXT), Binary::Different, "{other}");
        }
    }

    /// They are numbers of objects of the one database.
    #[test]
    fn what_names_an_object_goes_as_text() {
        for type_ in [Type::REGCLASS, Type::REGPROC, Type::REGTYPE_ARRAY, Type::RECORD] {
            assert_eq!(binary(&type_, &type_), Binary::Different, "{type_}");
        }
    }

    #[test]
    fn enums_are_known_by_their_names_but_not_inside_of_what_has_numbers() {
        assert_eq!(binary(&enum_("e", 20_000), &enum_("e", 30_000)), Binary::Same);
        assert_eq!(
            binary(&enum_("e", 20_000), &enum_("f", 20_000)),
            Binary::Different
        );
        let array = |oid| type_("_e", oid + 1, Kind::Array(enum_("e", oid)));
        assert_eq!(binary(&array(20_000), &array(20_000)), Binary::Same);
        assert_eq!(binary(&array(20_000), &array(30_000)), Binary::Different);
        let range = |oid| type_("r", oid + 1, Kind::Range(enum_("e", oid)));
        assert_eq!(binary(&range(20_000), &range(30_000)), Binary::Same);
    }

    #[test]
    fn composites_are_the_same_if_their_parts_are() {
        assert_eq!(
            binary(&composite(1, Type::INT4), &composite(2, Type::INT4)),
            Binary::Same
        );
        let text = composite(2, Type::TEXT);
        // The text is one, but its number is another.
        assert_eq!(binary(&composite(1, Type::VARCHAR), &text), Binary::Different);
        assert_eq!(
            binary(
                &composite(1, enum_("e", 20_000)),
                &composite(1, enum_("e", 30_000))
            ),
            Binary::Different
        );
    }

    #[test]
    fn a_domain_is_its_base_type() {
        let domain = |oid| type_("d", oid, Kind::Domain(Type::INT4));
        assert_eq!(binary(&domain(20_000), &Type::INT4), Binary::Same);
        assert_eq!(binary(&domain(20_000), &domain(30_000)), Binary::Same);
        let array = |oid| type_("_d", oid + 1, Kind::Array(domain(oid)));
        assert_eq!(binary(&array(20_000), &array(30_000)), Binary::Different);
    }

    #[test]
    fn a_type_of_an_extension_is_only_known_by_its_name() {
        let citext = |oid| type_("citext", oid, Kind::Simple);
        assert_eq!(binary(&citext(20_000), &citext(30_000)), Binary::SameIfNamesTell);
        assert_eq!(
            binary(&citext(20_000), &type_("hstore", 20_000, Kind::Simple)),
            Binary::Different
        );
        // One that was not looked up has no name.
        let unknown = Type::new("oid 9".to_owned(), 99_999, Kind::Simple, String::new());
        assert_eq!(binary(&unknown, &unknown), Binary::Different);
    }

    #[test]
    fn money_is_found_wherever_it_is() {
        let array = composite(2, type_("d", 20_000, Kind::Domain(Type::MONEY_ARRAY)));
        assert!(holds_money(&array) && holds_money(&Type::MONEY));
        assert!(!holds_money(&composite(2, Type::NUMERIC)));
    }
}
