//! The OIDs of the types that every PostgreSQL database has.
//!
//! Generated from the lists of PostgreSQL 18.4 by `cargo run -p dblink-tests --bin generate`.
//!
//! PostgreSQL manual: [pg_type](https://www.postgresql.org/docs/current/catalog-pg-type.html).

/// `bool`: boolean, format 't'/'f'.
pub const BOOL: u32 = 16;
/// `bytea`: variable-length string, binary values escaped.
pub const BYTEA: u32 = 17;
/// `char`: single character.
pub const CHAR: u32 = 18;
/// `name`: 63-byte type for storing system identifiers.
pub const NAME: u32 = 19;
/// `int8`: ~18 digit integer, 8-byte storage.
pub const INT8: u32 = 20;
/// `int2`: -32 thousand to 32 thousand, 2-byte storage.
pub const INT2: u32 = 21;
/// `int2vector`: array of int2, used in system tables.
pub const INT2VECTOR: u32 = 22;
/// `int4`: -2 billion to 2 billion integer, 4-byte storage.
pub const INT4: u32 = 23;
/// `regproc`: registered procedure.
pub const REGPROC: u32 = 24;
/// `text`: variable-length string, no limit specified.
pub const TEXT: u32 = 25;
/// `oid`: object identifier(oid), maximum 4 billion.
pub const OID: u32 = 26;
/// `tid`: tuple physical location, format '(block,offset)'.
pub const TID: u32 = 27;
/// `xid`: transaction id.
pub const XID: u32 = 28;
/// `cid`: command identifier type, sequence in transaction id.
pub const CID: u32 = 29;
/// `oidvector`: array of oids, used in system tables.
pub const OIDVECTOR: u32 = 30;
/// `pg_ddl_command`: internal type for passing CollectedCommand.
pub const PG_DDL_COMMAND: u32 = 32;
/// `json`: JSON stored as text.
pub const JSON: u32 = 114;
/// `xml`: XML content.
pub const XML: u32 = 142;
/// `_xml`: array of `xml`.
pub const XML_ARRAY: u32 = 143;
/// `pg_node_tree`: string representing an internal node tree.
pub const PG_NODE_TREE: u32 = 194;
/// `_json`: array of `json`.
pub const JSON_ARRAY: u32 = 199;
/// `table_am_handler`: pseudo-type for the result of a table AM handler function.
pub const TABLE_AM_HANDLER: u32 = 269;
/// `_xid8`: array of `xid8`.
pub const XID8_ARRAY: u32 = 271;
/// `index_am_handler`: pseudo-type for the result of an index AM handler function.
pub const INDEX_AM_HANDLER: u32 = 325;
/// `point`: geometric point, format '(x,y)'.
pub const POINT: u32 = 600;
/// `lseg`: geometric line segment, format '\[point1,point2\]'.
pub const LSEG: u32 = 601;
/// `path`: geometric path, format '(point1,...)'.
pub const PATH: u32 = 602;
/// `box`: geometric box, format 'lower left point,upper right point'.
pub const BOX: u32 = 603;
/// `polygon`: geometric polygon, format '(point1,...)'.
pub const POLYGON: u32 = 604;
/// `line`: geometric line, formats '{A,B,C}'/'\[point1,point2\]'.
pub const LINE: u32 = 628;
/// `_line`: array of `line`.
pub const LINE_ARRAY: u32 = 629;
/// `cidr`: network IP address/netmask, network address.
pub const CIDR: u32 = 650;
/// `_cidr`: array of `cidr`.
pub const CIDR_ARRAY: u32 = 651;
/// `float4`: single-precision floating point number, 4-byte storage.
pub const FLOAT4: u32 = 700;
/// `float8`: double-precision floating point number, 8-byte storage.
pub const FLOAT8: u32 = 701;
/// `unknown`: pseudo-type representing an undetermined type.
pub const UNKNOWN: u32 = 705;
/// `circle`: geometric circle, format '\<center point,radius\>'.
pub const CIRCLE: u32 = 718;
/// `_circle`: array of `circle`.
pub const CIRCLE_ARRAY: u32 = 719;
/// `macaddr8`: XX:XX:XX:XX:XX:XX:XX:XX, MAC address.
pub const MACADDR8: u32 = 774;
/// `_macaddr8`: array of `macaddr8`.
pub const MACADDR8_ARRAY: u32 = 775;
/// `money`: monetary amounts, $d,ddd.cc.
pub const MONEY: u32 = 790;
/// `_money`: array of `money`.
pub const MONEY_ARRAY: u32 = 791;
/// `macaddr`: XX:XX:XX:XX:XX:XX, MAC address.
pub const MACADDR: u32 = 829;
/// `inet`: IP address/netmask, host address, netmask optional.
pub const INET: u32 = 869;
/// `_bool`: array of `bool`.
pub const BOOL_ARRAY: u32 = 1000;
/// `_bytea`: array of `bytea`.
pub const BYTEA_ARRAY: u32 = 1001;
/// `_char`: array of `char`.
pub const CHAR_ARRAY: u32 = 1002;
/// `_name`: array of `name`.
pub const NAME_ARRAY: u32 = 1003;
/// `_int2`: array of `int2`.
pub const INT2_ARRAY: u32 = 1005;
/// `_int2vector`: array of `int2vector`.
pub const INT2VECTOR_ARRAY: u32 = 1006;
/// `_int4`: array of `int4`.
pub const INT4_ARRAY: u32 = 1007;
/// `_regproc`: array of `regproc`.
pub const REGPROC_ARRAY: u32 = 1008;
/// `_text`: array of `text`.
pub const TEXT_ARRAY: u32 = 1009;
/// `_tid`: array of `tid`.
pub const TID_ARRAY: u32 = 1010;
/// `_xid`: array of `xid`.
pub const XID_ARRAY: u32 = 1011;
/// `_cid`: array of `cid`.
pub const CID_ARRAY: u32 = 1012;
/// `_oidvector`: array of `oidvector`.
pub const OIDVECTOR_ARRAY: u32 = 1013;
/// `_bpchar`: array of `bpchar`.
pub const BPCHAR_ARRAY: u32 = 1014;
/// `_varchar`: array of `varchar`.
pub const VARCHAR_ARRAY: u32 = 1015;
/// `_int8`: array of `int8`.
pub const INT8_ARRAY: u32 = 1016;
/// `_point`: array of `point`.
pub const POINT_ARRAY: u32 = 1017;
/// `_lseg`: array of `lseg`.
pub const LSEG_ARRAY: u32 = 1018;
/// `_path`: array of `path`.
pub const PATH_ARRAY: u32 = 1019;
/// `_box`: array of `box`.
pub const BOX_ARRAY: u32 = 1020;
/// `_float4`: array of `float4`.
pub const FLOAT4_ARRAY: u32 = 1021;
/// `_float8`: array of `float8`.
pub const FLOAT8_ARRAY: u32 = 1022;
/// `_polygon`: array of `polygon`.
pub const POLYGON_ARRAY: u32 = 1027;
/// `_oid`: array of `oid`.
pub const OID_ARRAY: u32 = 1028;
/// `aclitem`: access control list.
pub const ACLITEM: u32 = 1033;
/// `_aclitem`: array of `aclitem`.
pub const ACLITEM_ARRAY: u32 = 1034;
/// `_macaddr`: array of `macaddr`.
pub const MACADDR_ARRAY: u32 = 1040;
/// `_inet`: array of `inet`.
pub const INET_ARRAY: u32 = 1041;
/// `bpchar`: 'char(length)' blank-padded string, fixed storage length.
pub const BPCHAR: u32 = 1042;
/// `varchar`: 'varchar(length)' non-blank-padded string, variable storage length.
pub const VARCHAR: u32 = 1043;
/// `date`: date.
pub const DATE: u32 = 1082;
/// `time`: time of day.
pub const TIME: u32 = 1083;
/// `timestamp`: date and time.
pub const TIMESTAMP: u32 = 1114;
/// `_timestamp`: array of `timestamp`.
pub const TIMESTAMP_ARRAY: u32 = 1115;
/// `_date`: array of `date`.
pub const DATE_ARRAY: u32 = 1182;
/// `_time`: array of `time`.
pub const TIME_ARRAY: u32 = 1183;
/// `timestamptz`: date and time with time zone.
pub const TIMESTAMPTZ: u32 = 1184;
/// `_timestamptz`: array of `timestamptz`.
pub const TIMESTAMPTZ_ARRAY: u32 = 1185;
/// `interval`: time interval, format 'number units ...'.
pub const INTERVAL: u32 = 1186;
/// `_interval`: array of `interval`.
pub const INTERVAL_ARRAY: u32 = 1187;
/// `_numeric`: array of `numeric`.
pub const NUMERIC_ARRAY: u32 = 1231;
/// `_cstring`: array of `cstring`.
pub const CSTRING_ARRAY: u32 = 1263;
/// `timetz`: time of day with time zone.
pub const TIMETZ: u32 = 1266;
/// `_timetz`: array of `timetz`.
pub const TIMETZ_ARRAY: u32 = 1270;
/// `bit`: fixed-length bit string.
pub const BIT: u32 = 1560;
/// `_bit`: array of `bit`.
pub const BIT_ARRAY: u32 = 1561;
/// `varbit`: variable-length bit string.
pub const VARBIT: u32 = 1562;
/// `_varbit`: array of `varbit`.
pub const VARBIT_ARRAY: u32 = 1563;
/// `numeric`: 'numeric(precision, scale)' arbitrary precision number.
pub const NUMERIC: u32 = 1700;
/// `refcursor`: reference to cursor (portal name).
pub const REFCURSOR: u32 = 1790;
/// `_refcursor`: array of `refcursor`.
pub const REFCURSOR_ARRAY: u32 = 2201;
/// `regprocedure`: registered procedure (with args).
pub const REGPROCEDURE: u32 = 2202;
/// `regoper`: registered operator.
pub const REGOPER: u32 = 2203;
/// `regoperator`: registered operator (with args).
pub const REGOPERATOR: u32 = 2204;
/// `regclass`: registered class.
pub const REGCLASS: u32 = 2205;
/// `regtype`: registered type.
pub const REGTYPE: u32 = 2206;
/// `_regprocedure`: array of `regprocedure`.
pub const REGPROCEDURE_ARRAY: u32 = 2207;
/// `_regoper`: array of `regoper`.
pub const REGOPER_ARRAY: u32 = 2208;
/// `_regoperator`: array of `regoperator`.
pub const REGOPERATOR_ARRAY: u32 = 2209;
/// `_regclass`: array of `regclass`.
pub const REGCLASS_ARRAY: u32 = 2210;
/// `_regtype`: array of `regtype`.
pub const REGTYPE_ARRAY: u32 = 2211;
/// `record`: pseudo-type representing any composite type.
pub const RECORD: u32 = 2249;
/// `cstring`: C-style string.
pub const CSTRING: u32 = 2275;
/// `any`: pseudo-type representing any type.
pub const ANY: u32 = 2276;
/// `anyarray`: pseudo-type representing a polymorphic array type.
pub const ANYARRAY: u32 = 2277;
/// `void`: pseudo-type for the result of a function with no real result.
pub const VOID: u32 = 2278;
/// `trigger`: pseudo-type for the result of a trigger function.
pub const TRIGGER: u32 = 2279;
/// `language_handler`: pseudo-type for the result of a language handler function.
pub const LANGUAGE_HANDLER: u32 = 2280;
/// `internal`: pseudo-type representing an internal data structure.
pub const INTERNAL: u32 = 2281;
/// `anyelement`: pseudo-type representing a polymorphic base type.
pub const ANYELEMENT: u32 = 2283;
/// `_record`: array of `record`.
pub const RECORD_ARRAY: u32 = 2287;
/// `anynonarray`: pseudo-type representing a polymorphic base type that is not an array.
pub const ANYNONARRAY: u32 = 2776;
/// `_txid_snapshot`: array of `txid_snapshot`.
pub const TXID_SNAPSHOT_ARRAY: u32 = 2949;
/// `uuid`: UUID.
pub const UUID: u32 = 2950;
/// `_uuid`: array of `uuid`.
pub const UUID_ARRAY: u32 = 2951;
/// `txid_snapshot`: transaction snapshot.
pub const TXID_SNAPSHOT: u32 = 2970;
/// `fdw_handler`: pseudo-type for the result of an FDW handler function.
pub const FDW_HANDLER: u32 = 3115;
/// `pg_lsn`: PostgreSQL LSN.
pub const PG_LSN: u32 = 3220;
/// `_pg_lsn`: array of `pg_lsn`.
pub const PG_LSN_ARRAY: u32 = 3221;
/// `tsm_handler`: pseudo-type for the result of a tablesample method function.
pub const TSM_HANDLER: u32 = 3310;
/// `pg_ndistinct`: multivariate ndistinct coefficients.
pub const PG_NDISTINCT: u32 = 3361;
/// `pg_dependencies`: multivariate dependencies.
pub const PG_DEPENDENCIES: u32 = 3402;
/// `anyenum`: pseudo-type representing a polymorphic base type that is an enum.
pub const ANYENUM: u32 = 3500;
/// `tsvector`: text representation for text search.
pub const TSVECTOR: u32 = 3614;
/// `tsquery`: query representation for text search.
pub const TSQUERY: u32 = 3615;
/// `gtsvector`: GiST index internal text representation for text search.
pub const GTSVECTOR: u32 = 3642;
/// `_tsvector`: array of `tsvector`.
pub const TSVECTOR_ARRAY: u32 = 3643;
/// `_gtsvector`: array of `gtsvector`.
pub const GTSVECTOR_ARRAY: u32 = 3644;
/// `_tsquery`: array of `tsquery`.
pub const TSQUERY_ARRAY: u32 = 3645;
/// `regconfig`: registered text search configuration.
pub const REGCONFIG: u32 = 3734;
/// `_regconfig`: array of `regconfig`.
pub const REGCONFIG_ARRAY: u32 = 3735;
/// `regdictionary`: registered text search dictionary.
pub const REGDICTIONARY: u32 = 3769;
/// `_regdictionary`: array of `regdictionary`.
pub const REGDICTIONARY_ARRAY: u32 = 3770;
/// `jsonb`: Binary JSON.
pub const JSONB: u32 = 3802;
/// `_jsonb`: array of `jsonb`.
pub const JSONB_ARRAY: u32 = 3807;
/// `anyrange`: pseudo-type representing a range over a polymorphic base type.
pub const ANYRANGE: u32 = 3831;
/// `event_trigger`: pseudo-type for the result of an event trigger function.
pub const EVENT_TRIGGER: u32 = 3838;
/// `int4range`: range of integers.
pub const INT4RANGE: u32 = 3904;
/// `_int4range`: array of `int4range`.
pub const INT4RANGE_ARRAY: u32 = 3905;
/// `numrange`: range of numerics.
pub const NUMRANGE: u32 = 3906;
/// `_numrange`: array of `numrange`.
pub const NUMRANGE_ARRAY: u32 = 3907;
/// `tsrange`: range of timestamps without time zone.
pub const TSRANGE: u32 = 3908;
/// `_tsrange`: array of `tsrange`.
pub const TSRANGE_ARRAY: u32 = 3909;
/// `tstzrange`: range of timestamps with time zone.
pub const TSTZRANGE: u32 = 3910;
/// `_tstzrange`: array of `tstzrange`.
pub const TSTZRANGE_ARRAY: u32 = 3911;
/// `daterange`: range of dates.
pub const DATERANGE: u32 = 3912;
/// `_daterange`: array of `daterange`.
pub const DATERANGE_ARRAY: u32 = 3913;
/// `int8range`: range of bigints.
pub const INT8RANGE: u32 = 3926;
/// `_int8range`: array of `int8range`.
pub const INT8RANGE_ARRAY: u32 = 3927;
/// `jsonpath`: JSON path.
pub const JSONPATH: u32 = 4072;
/// `_jsonpath`: array of `jsonpath`.
pub const JSONPATH_ARRAY: u32 = 4073;
/// `regnamespace`: registered namespace.
pub const REGNAMESPACE: u32 = 4089;
/// `_regnamespace`: array of `regnamespace`.
pub const REGNAMESPACE_ARRAY: u32 = 4090;
/// `regrole`: registered role.
pub const REGROLE: u32 = 4096;
/// `_regrole`: array of `regrole`.
pub const REGROLE_ARRAY: u32 = 4097;
/// `regcollation`: registered collation.
pub const REGCOLLATION: u32 = 4191;
/// `_regcollation`: array of `regcollation`.
pub const REGCOLLATION_ARRAY: u32 = 4192;
/// `int4multirange`: multirange of integers.
pub const INT4MULTIRANGE: u32 = 4451;
/// `nummultirange`: multirange of numerics.
pub const NUMMULTIRANGE: u32 = 4532;
/// `tsmultirange`: multirange of timestamps without time zone.
pub const TSMULTIRANGE: u32 = 4533;
/// `tstzmultirange`: multirange of timestamps with time zone.
pub const TSTZMULTIRANGE: u32 = 4534;
/// `datemultirange`: multirange of dates.
pub const DATEMULTIRANGE: u32 = 4535;
/// `int8multirange`: multirange of bigints.
pub const INT8MULTIRANGE: u32 = 4536;
/// `anymultirange`: pseudo-type representing a polymorphic base type that is a multirange.
pub const ANYMULTIRANGE: u32 = 4537;
/// `anycompatiblemultirange`: pseudo-type representing a multirange over a polymorphic common type.
pub const ANYCOMPATIBLEMULTIRANGE: u32 = 4538;
/// `pg_brin_bloom_summary`: pseudo-type representing BRIN bloom summary.
pub const PG_BRIN_BLOOM_SUMMARY: u32 = 4600;
/// `pg_brin_minmax_multi_summary`: pseudo-type representing BRIN minmax-multi summary.
pub const PG_BRIN_MINMAX_MULTI_SUMMARY: u32 = 4601;
/// `pg_mcv_list`: multivariate MCV list.
pub const PG_MCV_LIST: u32 = 5017;
/// `pg_snapshot`: transaction snapshot.
pub const PG_SNAPSHOT: u32 = 5038;
/// `_pg_snapshot`: array of `pg_snapshot`.
pub const PG_SNAPSHOT_ARRAY: u32 = 5039;
/// `xid8`: full transaction id.
pub const XID8: u32 = 5069;
/// `anycompatible`: pseudo-type representing a polymorphic common type.
pub const ANYCOMPATIBLE: u32 = 5077;
/// `anycompatiblearray`: pseudo-type representing an array of polymorphic common type elements.
pub const ANYCOMPATIBLEARRAY: u32 = 5078;
/// `anycompatiblenonarray`: pseudo-type representing a polymorphic common type that is not an array.
pub const ANYCOMPATIBLENONARRAY: u32 = 5079;
/// `anycompatiblerange`: pseudo-type representing a range over a polymorphic common type.
pub const ANYCOMPATIBLERANGE: u32 = 5080;
/// `_int4multirange`: array of `int4multirange`.
pub const INT4MULTIRANGE_ARRAY: u32 = 6150;
/// `_nummultirange`: array of `nummultirange`.
pub const NUMMULTIRANGE_ARRAY: u32 = 6151;
/// `_tsmultirange`: array of `tsmultirange`.
pub const TSMULTIRANGE_ARRAY: u32 = 6152;
/// `_tstzmultirange`: array of `tstzmultirange`.
pub const TSTZMULTIRANGE_ARRAY: u32 = 6153;
/// `_datemultirange`: array of `datemultirange`.
pub const DATEMULTIRANGE_ARRAY: u32 = 6155;
/// `_int8multirange`: array of `int8multirange`.
pub const INT8MULTIRANGE_ARRAY: u32 = 6157;

/// The type's name in `pg_type`, if it is one of these. An array's is its elements' with `_` before it.
pub const fn name(oid: u32) -> Option<&'static str> {
    Some(match oid {
        BOOL => "bool",
        BYTEA => "bytea",
        CHAR => "char",
        NAME => "name",
        INT8 => "int8",
        INT2 => "int2",
        INT2VECTOR => "int2vector",
        INT4 => "int4",
        REGPROC => "regproc",
        TEXT => "text",
        OID => "oid",
        TID => "tid",
        XID => "xid",
        CID => "cid",
        OIDVECTOR => "oidvector",
        PG_DDL_COMMAND => "pg_ddl_command",
        JSON => "json",
        XML => "xml",
        XML_ARRAY => "_xml",
        PG_NODE_TREE => "pg_node_tree",
        JSON_ARRAY => "_json",
        TABLE_AM_HANDLER => "table_am_handler",
        XID8_ARRAY => "_xid8",
        INDEX_AM_HANDLER => "index_am_handler",
        POINT => "point",
        LSEG => "lseg",
        PATH => "path",
        BOX => "box",
        POLYGON => "polygon",
        LINE => "line",
        LINE_ARRAY => "_line",
        CIDR => "cidr",
        CIDR_ARRAY => "_cidr",
        FLOAT4 => "float4",
        FLOAT8 => "float8",
        UNKNOWN => "unknown",
        CIRCLE => "circle",
        CIRCLE_ARRAY => "_circle",
        MACADDR8 => "macaddr8",
        MACADDR8_ARRAY => "_macaddr8",
        MONEY => "money",
        MONEY_ARRAY => "_money",
        MACADDR => "macaddr",
        INET => "inet",
        BOOL_ARRAY => "_bool",
        BYTEA_ARRAY => "_bytea",
        CHAR_ARRAY => "_char",
        NAME_ARRAY => "_name",
        INT2_ARRAY => "_int2",
        INT2VECTOR_ARRAY => "_int2vector",
        INT4_ARRAY => "_int4",
        REGPROC_ARRAY => "_regproc",
        TEXT_ARRAY => "_text",
        TID_ARRAY => "_tid",
        XID_ARRAY => "_xid",
        CID_ARRAY => "_cid",
        OIDVECTOR_ARRAY => "_oidvector",
        BPCHAR_ARRAY => "_bpchar",
        VARCHAR_ARRAY => "_varchar",
        INT8_ARRAY => "_int8",
        POINT_ARRAY => "_point",
        LSEG_ARRAY => "_lseg",
        PATH_ARRAY => "_path",
        BOX_ARRAY => "_box",
        FLOAT4_ARRAY => "_float4",
        FLOAT8_ARRAY => "_float8",
        POLYGON_ARRAY => "_polygon",
        OID_ARRAY => "_oid",
        ACLITEM => "aclitem",
        ACLITEM_ARRAY => "_aclitem",
        MACADDR_ARRAY => "_macaddr",
        INET_ARRAY => "_inet",
        BPCHAR => "bpchar",
        VARCHAR => "varchar",
        DATE => "date",
        TIME => "time",
        TIMESTAMP => "timestamp",
        TIMESTAMP_ARRAY => "_timestamp",
        DATE_ARRAY => "_date",
        TIME_ARRAY => "_time",
        TIMESTAMPTZ => "timestamptz",
        TIMESTAMPTZ_ARRAY => "_timestamptz",
        INTERVAL => "interval",
        INTERVAL_ARRAY => "_interval",
        NUMERIC_ARRAY => "_numeric",
        CSTRING_ARRAY => "_cstring",
        TIMETZ => "timetz",
        TIMETZ_ARRAY => "_timetz",
        BIT => "bit",
        BIT_ARRAY => "_bit",
        VARBIT => "varbit",
        VARBIT_ARRAY => "_varbit",
        NUMERIC => "numeric",
        REFCURSOR => "refcursor",
        REFCURSOR_ARRAY => "_refcursor",
        REGPROCEDURE => "regprocedure",
        REGOPER => "regoper",
        REGOPERATOR => "regoperator",
        REGCLASS => "regclass",
        REGTYPE => "regtype",
        REGPROCEDURE_ARRAY => "_regprocedure",
        REGOPER_ARRAY => "_regoper",
        REGOPERATOR_ARRAY => "_regoperator",
        REGCLASS_ARRAY => "_regclass",
        REGTYPE_ARRAY => "_regtype",
        RECORD => "record",
        CSTRING => "cstring",
        ANY => "any",
        ANYARRAY => "anyarray",
        VOID => "void",
        TRIGGER => "trigger",
        LANGUAGE_HANDLER => "language_handler",
        INTERNAL => "internal",
        ANYELEMENT => "anyelement",
        RECORD_ARRAY => "_record",
        ANYNONARRAY => "anynonarray",
        TXID_SNAPSHOT_ARRAY => "_txid_snapshot",
        UUID => "uuid",
        UUID_ARRAY => "_uuid",
        TXID_SNAPSHOT => "txid_snapshot",
        FDW_HANDLER => "fdw_handler",
        PG_LSN => "pg_lsn",
        PG_LSN_ARRAY => "_pg_lsn",
        TSM_HANDLER => "tsm_handler",
        PG_NDISTINCT => "pg_ndistinct",
        PG_DEPENDENCIES => "pg_dependencies",
        ANYENUM => "anyenum",
        TSVECTOR => "tsvector",
        TSQUERY => "tsquery",
        GTSVECTOR => "gtsvector",
        TSVECTOR_ARRAY => "_tsvector",
        GTSVECTOR_ARRAY => "_gtsvector",
        TSQUERY_ARRAY => "_tsquery",
        REGCONFIG => "regconfig",
        REGCONFIG_ARRAY => "_regconfig",
        REGDICTIONARY => "regdictionary",
        REGDICTIONARY_ARRAY => "_regdictionary",
        JSONB => "jsonb",
        JSONB_ARRAY => "_jsonb",
        ANYRANGE => "anyrange",
        EVENT_TRIGGER => "event_trigger",
        INT4RANGE => "int4range",
        INT4RANGE_ARRAY => "_int4range",
        NUMRANGE => "numrange",
        NUMRANGE_ARRAY => "_numrange",
        TSRANGE => "tsrange",
        TSRANGE_ARRAY => "_tsrange",
        TSTZRANGE => "tstzrange",
        TSTZRANGE_ARRAY => "_tstzrange",
        DATERANGE => "daterange",
        DATERANGE_ARRAY => "_daterange",
        INT8RANGE => "int8range",
        INT8RANGE_ARRAY => "_int8range",
        JSONPATH => "jsonpath",
        JSONPATH_ARRAY => "_jsonpath",
        REGNAMESPACE => "regnamespace",
        REGNAMESPACE_ARRAY => "_regnamespace",
        REGROLE => "regrole",
        REGROLE_ARRAY => "_regrole",
        REGCOLLATION => "regcollation",
        REGCOLLATION_ARRAY => "_regcollation",
        INT4MULTIRANGE => "int4multirange",
        NUMMULTIRANGE => "nummultirange",
        TSMULTIRANGE => "tsmultirange",
        TSTZMULTIRANGE => "tstzmultirange",
        DATEMULTIRANGE => "datemultirange",
        INT8MULTIRANGE => "int8multirange",
        ANYMULTIRANGE => "anymultirange",
        ANYCOMPATIBLEMULTIRANGE => "anycompatiblemultirange",
        PG_BRIN_BLOOM_SUMMARY => "pg_brin_bloom_summary",
        PG_BRIN_MINMAX_MULTI_SUMMARY => "pg_brin_minmax_multi_summary",
        PG_MCV_LIST => "pg_mcv_list",
        PG_SNAPSHOT => "pg_snapshot",
        PG_SNAPSHOT_ARRAY => "_pg_snapshot",
        XID8 => "xid8",
        ANYCOMPATIBLE => "anycompatible",
        ANYCOMPATIBLEARRAY => "anycompatiblearray",
        ANYCOMPATIBLENONARRAY => "anycompatiblenonarray",
        ANYCOMPATIBLERANGE => "anycompatiblerange",
        INT4MULTIRANGE_ARRAY => "_int4multirange",
        NUMMULTIRANGE_ARRAY => "_nummultirange",
        TSMULTIRANGE_ARRAY => "_tsmultirange",
        TSTZMULTIRANGE_ARRAY => "_tstzmultirange",
        DATEMULTIRANGE_ARRAY => "_datemultirange",
        INT8MULTIRANGE_ARRAY => "_int8multirange",
        _ => return None,
    })
}
