//! Types of the server, and values of them; made up by dice that always fall the same way.

/// Dice that always fall the same way.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let end = u64::try_from(end).unwrap();
        usize::try_from((mixed ^ (mixed >> 31)) % end).unwrap()
    }

    /// Yes, once in so many times.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// A text of what breaks bad quoting.
    pub(crate) fn word(&mut self) -> String {
        const PIECES: [&str; 24] = [
            "a", "Z", "é", "日", "😀", "0", " ", "\t", "\n", "\r", "'", "''", "\"", "\\", "\\'", "$$", "--",
            "/*", ";", ",", "{", "}", "(", "NULL",
        ];
        let length = self.below(9);
        (0..length).map(|_| *self.pick(&PIECES)).collect()
    }
}

/// A type, and the spellings of some values; without any, the values are texts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) type_name: &'static str,
    values: &'static [&'static str],
}

const fn of(type_name: &'static str, values: &'static [&'static str]) -> Sample {
    Sample { type_name, values }
}

/// Every type that PostgreSQL 15 has literals for.
pub(crate) const BUILT_IN: [Sample; 83] = [
    of("bool", &["t", "f"]),
    of("int2", &["0", "1", "-32768", "32767"]),
    of("int4", &["0", "7", "-2147483648", "2147483647"]),
    of("int8", &["0", "8", "-9223372036854775808", "9223372036854775807"]),
    of(
        "numeric",
        &[
            "0",
            "0.000",
            "-0.50",
            "NaN",
            "Infinity",
            "-Infinity",
            "1e-30",
            "123456789012345678901234567890.123456789",
        ],
    ),
    of("numeric(12,3)", &["0", "-1.5", "999999999.999", "NaN"]),
    of(
        "float4",
        &[
            "0",
            "-0",
            "0.1",
            "NaN",
            "Infinity",
            "-Infinity",
            "1e-45",
            "3.4028235e+38",
        ],
    ),
    of(
        "float8",
        &[
            "0",
            "-0",
            "0.1",
            "NaN",
            "Infinity",
            "-Infinity",
            "5e-324",
            "1.7976931348623157e+308",
            "1e22",
        ],
    ),
    of("money", &["0", "1.5", "-12345.67", "-92233720368547758.08"]),
    of("text", &[]),
    of("varchar", &[]),
    of("varchar(40)", &[]),
    of("char(40)", &[]),
    of("bpchar", &[]),
    of("name", &[]),
    of("\"char\"", &["", "a", "'", "\\", "\"", " "]),
    of("refcursor", &[]),
    of("bytea", &["\\x", "\\x00", "\\xdeadBEEF", "\\x275c5c2722"]),
    of(
        "date",
        &[
            "2024-02-29",
            "infinity",
            "-infinity",
            "4713-01-01 BC",
            "5874897-12-31",
        ],
    ),
    of("time", &["00:00", "24:00", "23:59:59.999999"]),
    of("timetz", &["00:00+00", "10:20:30.4+15:59:59", "24:00-12"]),
    of(
        "timestamp",
        &[
            "2024-02-29 12:34:56.789",
            "infinity",
            "-infinity",
            "0044-03-15 12:00 BC",
            "294276-12-31 23:59:59.999999",
        ],
    ),
    of(
        "timestamptz",
        &[
            "2024-07-01 12:34:56.789+05:45",
            "infinity",
            "-infinity",
            "0044-03-15 12:00+00 BC",
        ],
    ),
    of(
        "interval",
        &[
            "0",
            "1 year -2 days 03:04:05.6",
            "-178000000 years",
            "1 mon",
            "-00:00:00.000001",
        ],
    ),
    of(
        "uuid",
        &[
            "00000000-0000-0000-0000-000000000000",
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        ],
    ),
    of("inet", &["192.168.0.1/24", "10.0.0.1", "::1", "2001:db8::/32"]),
    of("cidr", &["192.168.0.0/24", "::/0", "10.0.0.1/32"]),
    of("macaddr", &["08:00:2b:01:02:03"]),
    of(
        "macaddr8",
        &["08:00:2b:01:02:03:04:05", "08:00:2b:ff:fe:01:02:03"],
    ),
    of("bit(5)", &["00000", "10101"]),
    of("varbit", &["", "0", "1010101010101010101"]),
    of(
        "json",
        &[
            "null",
            "{\"a\": [1, null, \"x\\\\'\\n\"]}",
            " [ ] ",
            "\"\\u00e9\"",
            "1e400",
        ],
    ),
    of(
        "jsonb",
        &[
            "null",
            "{\"a\": [1, null, \"x\\\\'\\n\"]}",
            "[]",
            "{\"\": {}}",
            "1e400",
        ],
    ),
    of(
        "jsonpath",
        &[
            "$",
            "lax $.\"a b\"[*] ? (@ > 1 && @ like_regex \"^\\\\d\")",
            "strict $.a",
        ],
    ),
    of("xml", &["<a b=\"c\">d&amp;'\\</a>", "x", "<a/><b/>"]),
    of("int4range", &["empty", "[1,5)", "(,)", "(,3]", "[-7,)"]),
    of("int8range", &["empty", "[1,5)", "(,)"]),
    of("numrange", &["empty", "[1.0,5.50]", "(,NaN]"]),
    of("daterange", &["empty", "[2020-01-01,infinity)", "(,2020-02-29)"]),
    of("tsrange", &["empty", "[\"2020-01-01 00:00\",infinity]", "(,)"]),
    of("tstzrange", &["empty", "[\"2020-01-01 00:00+00\",)"]),
    of("int4multirange", &["{}", "{[1,5),[7,9)}", "{(,)}"]),
    of("int8multirange", &["{}", "{[1,5),[7,9)}"]),
    of("nummultirange", &["{}", "{[1.0,5.50],(7,)}"]),
    of("datemultirange", &["{}", "{[2020-01-01,infinity)}"]),
    of("tsmultirange", &["{}", "{[\"2020-01-01 00:00\",infinity]}"]),
    of("tstzmultirange", &["{}", "{[\"2020-01-01 00:00+00\",)}"]),
    of("point", &["(1,-2)", "(NaN,Infinity)", "(0.1,1e-300)"]),
    of("line", &["{1,2,3}", "{0,-1,0.5}"]),
    of("lseg", &["[(0,0),(1,1.5)]"]),
    of("box", &["(2,2),(0,0)"]),
    of("path", &["((0,0),(1,1))", "[(0,0),(1,1),(2,0)]"]),
    of("polygon", &["((0,0),(1,1),(2,0))"]),
    of("circle", &["<(0,0),5>", "<(1.5,-2),0>"]),
    of("tsvector", &["", "'a':1A,2 'it''s':3", "'\\\\' ''''", "'a b' c"]),
    of("tsquery", &["", "'a' & !( 'b' | 'c':*A )", "'it''s' <-> '\\\\'"]),
    of("oid", &["0", "4294967295", "1259"]),
    of("tid", &["(0,1)", "(4294967295,65535)"]),
    of("xid", &["0", "4294967295"]),
    of("xid8", &["0", "18446744073709551615"]),
    of("cid", &["0", "4294967295"]),
    of("pg_lsn", &["0/0", "16/B374D848", "FFFFFFFF/FFFFFFFF"]),
    of("pg_snapshot", &["10:20:10,14,15", "1:1:"]),
    of("txid_snapshot", &["10:20:10,14,15"]),
    of("int2vector", &["", "1 2 -3"]),
    of("oidvector", &["", "1 4294967295"]),
    of("aclitem", &["postgres=r*/postgres", "=X/postgres"]),
    of("regproc", &["-", "pg_catalog.now", "pg_backend_pid"]),
    of("regprocedure", &["-", "abs(integer)", "now()"]),
    of("regoper", &["0", "||/"]),
    of("regoperator", &["0", "+(integer,integer)", "!!(none,tsquery)"]),
    of("regclass", &["-", "pg_class", "\"Odd; 'schema'\".\"Odd\\table\""]),
    of("regcollation", &["-", "\"C\"", "\"POSIX\""]),
    of(
        "regtype",
        &[
            "-",
            "integer",
            "\"char\"",
            "timestamp with time zone",
            "\"Odd; 'schema'\".\"Mood'\\\"",
        ],
    ),
    of("regrole", &["-", "postgres", "\"trust_user\""]),
    of("regnamespace", &["-", "pg_catalog", "\"Odd; 'schema'\""]),
    of("regconfig", &["-", "simple", "english"]),
    of("regdictionary", &["-", "simple"]),
    // Those that a database has of its own; see `PREPARE`.
    of("\"Odd; 'schema'\".\"Mood'\\\"", &["sad", "O'K", "b\\c", ""]),
    of("\"Odd; 'schema'\".line_of_text", &[]),
    of(
        "\"Odd; 'schema'\".numbers",
        &["{}", "{1,NULL,3}", "{{1,2},{NULL,4}}"],
    ),
    of(
        "\"Odd; 'schema'\".pair",
        &["(,)", "(1,\"a \\\\ \"\" ' b\")", "(-1,)", "(,\"\")"],
    ),
    of(
        "\"Odd; 'schema'\".pairs",
        &["(\"(1,x)\",\"{\"\"(2,\\\\\"\"y,z\\\\\"\")\"\",NULL}\")", "(,)"],
    ),
];

/// Types of extensions.
pub(crate) const HSTORE: Sample = of("hstore", &["", "a=>1, \"b c\"=>NULL, \"'\"=>\"\\\\\""]);
pub(crate) const CITEXT: Sample = of("citext", &[]);

/// Types that belong to a database.
pub(crate) const PREPARE: &str = r#"
    create schema "Odd; 'schema'";
    set search_path to "Odd; 'schema'";
    create table "Odd\table" ();
    create type "Mood'\" as enum ('sad', 'O''K', 'b\c', '');
    create domain line_of_text as text check (value <> 'never');
    create domain numbers as int[];
    create type pair as (a int, b text);
    create type pairs as (p pair, l pair[]);
    reset search_path
"#;

impl Sample {
    /// The spelling of a value; none for NULL.
    pub(crate) fn value(&self, dice: &mut Dice) -> Option<String> {
        if dice.once_in(6) {
            return None;
        }
        Some(if self.values.is_empty() {
            dice.word()
        } else {
            (*dice.pick(self.values)).to_owned()
        })
    }

    /// The spelling of an array of its values: of none, one or two dimensions, some with other lower bounds.
    pub(crate) fn array(&self, dice: &mut Dice) -> Option<String> {
        let delimiter = if self.type_name == "box" { ";" } else { "," };
        let mut list = |length: usize| {
            let elements = (0..length).map(|_| match self.value(dice) {
                Some(value) => format!("\"{}\"", value.replace('\\', r"\\").replace('"', "\\\"")),
                None => "NULL".to_owned(),
            });
            format!("{{{}}}", elements.collect::<Vec<_>>().join(delimiter))
        };
        Some(match (list(3), list(3)) {
            (one, two) if dice.once_in(2) => format!("{{{one}{delimiter}{two}}}"),
            (one, _) if dice.once_in(4) => format!("[-1:1]={one}"),
            (one, _) if dice.once_in(2) => one,
            _ if dice.once_in(2) => "{}".to_owned(),
            _ => return None,
        })
    }
}
