//! Rows through serde.

use std::collections::{BTreeMap, HashMap};

use dblink_engine::connection::{Connection, Error, SimpleResult};
use serde::Deserialize;
use serde_json::json;

use crate::support::session;

/// A session that writes values as the deserializer does.
async fn plain() -> Connection {
    let mut connection = session().await;
    for setting in [
        "set datestyle to iso",
        "set timezone to 'UTC'",
        "set intervalstyle to postgres",
        "select setseed(0.5)",
    ] {
        connection.query_all(setting, &[]).await.unwrap();
    }
    connection
}

async fn row<T: for<'a> Deserialize<'a>>(connection: &mut Connection, query: &str) -> Result<T, Error> {
    connection.query_one(query, &[]).await.unwrap().deserialize()
}

/// The first row of a simple query.
async fn simple<T: for<'a> Deserialize<'a>>(connection: &mut Connection, query: &str) -> Result<T, Error> {
    let mut results = connection.simple_query(query).await.unwrap();
    let mut value = None;
    while let Some(result) = results.next().await.unwrap() {
        if let SimpleResult::Rows(rows) = &result {
            value = Some(rows.iter().next().unwrap().deserialize());
        }
    }
    value.unwrap()
}

#[derive(Debug, PartialEq, Deserialize)]
struct Person<'a> {
    id: i64,
    name: &'a str,
    #[serde(borrow)]
    picture: &'a [u8],
    nick: Option<&'a str>,
    #[serde(default)]
    missing: u8,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Id(i32);

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mood {
    Sad,
    Happy,
}

#[tokio::test]
async fn a_struct_gets_the_columns_by_their_names() {
    let mut connection = session().await;
    let query =
        "select 'Ann' as name, 7 as id, '\\x00ff'::bytea as picture, null as nick, 1 as other, 2 as other";
    let row = connection.query_one(query, &[]).await.unwrap();
    let person: Person<'_> = row.deserialize().unwrap();
    assert_eq!(
        person,
        Person {
            id: 7,
            name: "Ann",
            picture: &[0, 255],
            nick: None,
            missing: 0
        }
    );
    // Text of the simple protocol is parsed.
    #[derive(Debug, PartialEq, Deserialize)]
    struct Owned {
        id: u8,
        yes: bool,
        picture: Vec<u8>,
        half: f32,
        data: serde_json::Value,
        none: Option<i32>,
        mood: Mood,
    }
    let query = "select 7 as id, true as yes, '\\x00ff'::bytea as picture, 0.5 as half, '{\"a\": [1]}'::jsonb as data, \
                 null::int as none, 'sad' as mood";
    let expected = Owned {
        id: 7,
        yes: true,
        picture: vec![0, 255],
        half: 0.5,
        data: json!({"a": [1]}),
        none: None,
        mood: Mood::Sad,
    };
    assert_eq!(simple::<Owned>(&mut connection, query).await.unwrap(), expected);
    assert_eq!(
        self::row::<Owned>(&mut connection, query).await.unwrap(),
        expected
    );
}

#[tokio::test]
async fn tuples_maps_newtypes_and_scalars() {
    let c = &mut session().await;
    assert_eq!(
        row::<(i32, String)>(c, "select 1, 'x'").await.unwrap(),
        (1, "x".into())
    );
    assert_eq!(row::<Vec<i32>>(c, "select 1, 2, 3").await.unwrap(), [1, 2, 3]);
    assert_eq!(
        row::<Vec<Vec<i32>>>(c, "select array[1, 2]").await.unwrap(),
        [[1, 2]]
    );
    assert_eq!(row::<(i32,)>(c, "select 1").await.unwrap(), (1,));
    assert_eq!(row::<Id>(c, "select 5").await.unwrap(), Id(5));
    assert_eq!(row::<i32>(c, "select 5").await.unwrap(), 5);
    assert_eq!(row::<Option<i32>>(c, "select null::int").await.unwrap(), None);
    assert_eq!(row::<Option<Id>>(c, "select 6").await.unwrap(), Some(Id(6)));
    assert_eq!(
        row::<Option<(i32, i32)>>(c, "select 6, 7").await.unwrap(),
        Some((6, 7))
    );
    assert_eq!(row::<Mood>(c, "select 'happy'").await.unwrap(), Mood::Happy);
    assert_eq!(row::<char>(c, "select 'ä'").await.unwrap(), 'ä');
    assert_eq!(row::<()>(c, "select null").await.unwrap(), ());
    let map = row::<BTreeMap<String, Option<i32>>>(c, "select 1 as a, null::int as b")
        .await
        .unwrap();
    assert_eq!(
        map,
        BTreeMap::from([("a".to_owned(), Some(1)), ("b".to_owned(), None)])
    );
    let value: serde_json::Value = row(
        c,
        "select 1 as a, true as b, 1.50 as c, array[[1],[2]] as d, null as e, 1.5::float8 as f, 'x' as g",
    )
    .await
    .unwrap();
    let expected = json!({"a": 1, "b": true, "c": "1.50", "d": [[1], [2]], "e": null, "f": 1.5, "g": "x"});
    assert_eq!(value, expected);
}

#[tokio::test]
async fn numbers_fit_or_are_refused() {
    let c = &mut session().await;
    assert_eq!(row::<u8>(c, "select 255::int8").await.unwrap(), 255);
    assert_eq!(row::<i64>(c, "select (-1)::int2").await.unwrap(), -1);
    assert_eq!(
        row::<i128>(c, "select 12345678901234567890123::numeric")
            .await
            .unwrap(),
        12345678901234567890123
    );
    assert_eq!(row::<u32>(c, "select 4294967295::oid").await.unwrap(), u32::MAX);
    assert_eq!(row::<f64>(c, "select 0.1::numeric").await.unwrap(), 0.1);
    assert_eq!(row::<f32>(c, "select 0.1::float8").await.unwrap(), 0.1);
    assert_eq!(
        row::<f64>(c, "select 9007199254740992::int8").await.unwrap(),
        9007199254740992.0
    );
    assert!(row::<f64>(c, "select 'NaN'::numeric").await.unwrap().is_nan());
    assert_eq!(
        row::<f32>(c, "select '-infinity'::float8").await.unwrap(),
        f32::NEG_INFINITY
    );
    for query in [
        "select 256",
        "select -1",
        "select 1.5",
        "select 1e3::numeric + 0.0",
        "select 'x'",
        "select 1::float8",
        "select null::int",
        "select true",
    ] {
        let error = row::<u8>(c, query).await.unwrap_err();
        assert_eq!(error.sqlstate().as_str(), "42804", "{query}");
        assert!(matches!(error, Error::Column { .. }), "{query}: {error}");
    }
    for query in [
        "select 9007199254740993::int8",
        "select 10::numeric ^ 400",
        "select 'x'",
    ] {
        assert!(row::<f64>(c, query).await.is_err(), "{query}");
    }
    for query in ["select 16777217", "select 1e39::float8", "select 1e39::numeric"] {
        assert!(row::<f32>(c, query).await.is_err(), "{query}");
    }
    // The same by the simple protocol.
    assert_eq!(simple::<i16>(c, "select 7::int8").await.unwrap(), 7);
    assert!(simple::<u8>(c, "select 256").await.is_err());
    assert!(simple::<f64>(c, "select 10::numeric ^ 400").await.is_err());
    assert_eq!(
        simple::<f32>(c, "select '-infinity'::float4").await.unwrap(),
        f32::NEG_INFINITY
    );
}

#[tokio::test]
async fn errors_say_what_is_wrong_and_where() {
    let c = &mut session().await;
    #[derive(Debug, Deserialize)]
    struct One {
        #[serde(rename = "a")]
        _a: i32,
    }
    let error = row::<One>(c, "select 'x' as a").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot read column \"a\": invalid type: string \"x\", expected i32"
    );
    let error = row::<One>(c, "select null::int as a").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot read column \"a\": it is null, which only an Option can be"
    );
    let error = row::<One>(c, "select 1 as b").await.unwrap_err();
    assert_eq!(error.to_string(), "cannot read the row: missing field `a`");
    let error = row::<One>(c, "select 1 as a, 2 as a").await.unwrap_err();
    assert_eq!(error.to_string(), "cannot read the row: duplicate field `a`");
    let error = row::<HashMap<String, i32>>(c, "select 1 as a, 2 as b, 3 as a")
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot read the row: two of its columns are named \"a\""
    );
    let error = row::<i32>(c, "select 1, 2").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot read the row: it has 2 columns, where one was expected"
    );
    let error = row::<(i32, i32)>(c, "select 1, 2, 3").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot read the row: it has 3 columns, where 2 were expected"
    );
    assert!(row::<(i32, i32, i32)>(c, "select 1, 2").await.is_err());
    let error = row::<Mood>(c, "select 'furious' as mood").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot read column \"mood\": unknown variant `furious`, expected `sad` or `happy`"
    );
    let error = row::<String>(c, "select 'a b'::tsvector as words")
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot read column \"words\": its type, tsvector, has no form for serde: cast it to text in the statement"
    );
    let error = row::<(Vec<i32>,)>(c, "select array[1, null] as list")
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot read column \"list\": it is null, which only an Option can be"
    );
}

#[tokio::test]
async fn arrays_composites_and_domains() {
    let c = &mut session().await;
    let mut results = c
        .simple_query(
            "set search_path to pg_temp; create type pg_temp.mood as enum ('sad', 'happy'); \
             create domain pg_temp.small as int; \
             create type pg_temp.pair as (number small, mood mood); \
             create type pg_temp.outer_pair as (pair pair, pairs pair[], data jsonb)",
        )
        .await
        .unwrap();
    while results.next().await.unwrap().is_some() {}

    #[derive(Debug, PartialEq, Deserialize)]
    struct Pair {
        number: i32,
        mood: Option<Mood>,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Outer {
        pair: Pair,
        pairs: Vec<Pair>,
        data: HashMap<String, i32>,
    }
    let query = "select row(row(1, 'sad'), array[row(2, null)]::pair[], '{\"a\": 1}')::outer_pair";
    let (outer,): (Outer,) = row(c, query).await.unwrap();
    assert_eq!(
        outer,
        Outer {
            pair: Pair {
                number: 1,
                mood: Some(Mood::Sad)
            },
            pairs: vec![Pair {
                number: 2,
                mood: None
            }],
            data: HashMap::from([("a".to_owned(), 1)]),
        }
    );
    // What a composite in a record is, the record does not tell.
    let error = row::<(((i32, Mood),),)>(c, "select row(row(3, 'happy')::pair) as r")
        .await
        .unwrap_err();
    assert!(error.to_string().contains("attribute 1"), "{error}");
    let ((number, mood),): ((i32, Mood),) = row(c, "select row(3, 'happy')::pair").await.unwrap();
    assert_eq!((number, mood), (3, Mood::Happy));
    let ((number, text),): ((i32, String),) = row(c, "select row(3, 'x'::text)").await.unwrap();
    assert_eq!((number, text.as_str()), (3, "x"));
    let error = row::<((i32,),)>(c, "select row(3, 'happy')::pair as p")
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot read column \"p\": it has 2 attributes, where 1 were expected"
    );
    let error = row::<((String, Mood),)>(c, "select row(3, 'happy')::pair as p")
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot read column \"p\": attribute \"number\": invalid type: integer `3`, expected a string"
    );

    let (nested,): (Vec<Vec<Option<String>>>,) =
        row(c, "select array[['a', null], ['c', 'd']]").await.unwrap();
    assert_eq!(nested[0], [Some("a".to_owned()), None]);
    assert_eq!(nested[1].len(), 2);
    let (empty,): (Vec<i32>,) = row(c, "select '{}'::int[]").await.unwrap();
    assert!(empty.is_empty());
    let (shifted,): ([i32; 2],) = row(c, "select '[5:6]={1,2}'::int[]").await.unwrap();
    assert_eq!(shifted, [1, 2]);
    assert!(row::<([i32; 2],)>(c, "select array[1, 2, 3]").await.is_err());
    let (moods, smalls): (Vec<Mood>, Vec<Id>) = row(c, "select array['sad']::mood[], array[1]::small[]")
        .await
        .unwrap();
    assert_eq!((moods, smalls), (vec![Mood::Sad], vec![Id(1)]));
    let (vector,): (Vec<i16>,) = row(c, "select '1 2'::int2vector").await.unwrap();
    assert_eq!(vector, [1, 2]);
}

#[tokio::test]
async fn json_is_whatever_serde_json_makes_of_it() {
    #[derive(Debug, PartialEq, Deserialize)]
    enum Shape {
        Circle { radius: f64 },
        Nothing,
    }
    let c = &mut session().await;
    for type_ in ["json", "jsonb"] {
        let query = |text: &str| format!("select '{text}'::{type_}");
        let shape: Shape = row(c, &query(r#"{"Circle": {"radius": 2}}"#)).await.unwrap();
        assert_eq!(shape, Shape::Circle { radius: 2.0 });
        assert_eq!(
            row::<Shape>(c, &query(r#""Nothing""#)).await.unwrap(),
            Shape::Nothing
        );
        assert_eq!(row::<(Option<i32>,)>(c, &query("null")).await.unwrap(), (None,));
        assert_eq!(row::<(Option<i32>,)>(c, &query("5")).await.unwrap(), (Some(5),));
        assert_eq!(
            row::<(Vec<i32>,)>(c, &query("[1, 2]")).await.unwrap(),
            (vec![1, 2],)
        );
        assert_eq!(row::<String>(c, &query(r#""x""#)).await.unwrap(), "x");
        assert!(row::<u8>(c, &query("300")).await.is_err());
        assert_eq!(
            simple::<(Vec<i32>,)>(c, &query("[1, 2]")).await.unwrap(),
            (vec![1, 2],)
        );
    }
}

/// Each of the values as the server's output function writes it.
async fn written_alike(connection: &mut Connection, type_: &str, values: &str) -> usize {
    let query = format!("select v::{type_}, format('%s', v::{type_}) from ({values}) s(v)");
    let rows = connection.query_all(&query, &[]).await.unwrap();
    for row in &rows {
        let (ours, theirs): (String, String) = row.deserialize().unwrap();
        assert_eq!(ours, theirs, "{type_}");
    }
    rows.len()
}

#[tokio::test]
async fn texts_are_those_of_the_server() {
    let c = &mut plain().await;
    for (type_, values) in [
        (
            "numeric",
            "0|0.0|-0.000|1|-1|10000|9999.9999|0.00001|1e-20|1e20|123456789.987654321|0.10|1e131071|1e-16383|NaN|Infinity|\
             -Infinity|10000.0001|0.0001|0.00010000|100000000|-0.5",
        ),
        (
            "date",
            "2000-01-01|1999-12-31|2000-02-29|1900-02-28|1900-03-01|0001-01-01|0001-12-31 BC|4714-11-24 BC|5874897-12-31|\
             infinity|-infinity|1970-01-01|2024-12-31|10000-01-01",
        ),
        ("time", "00:00|23:59:59.999999|24:00|12:34:56.5|00:00:00.000001"),
        (
            "timetz",
            "12:00+00|12:00:00.25-05:30|00:00+15:59:59|23:59-00:00:01|12:00+02",
        ),
        (
            "timestamp",
            "2000-01-01|1999-12-31 23:59:59.999999|0044-03-15 12:00 BC|294276-12-31 23:59:59.999999|\
             4714-11-24 00:00:00 BC|infinity|-infinity|2024-02-29 01:02:03.4",
        ),
        (
            "timestamptz",
            "2000-01-01 00:00+02|0044-03-15 12:00:00.5+00 BC|infinity|-infinity|2024-02-29 01:02:03.4-11:30",
        ),
        (
            "interval",
            "0|1 year|-1 year|1 mon|14 mons|-14 mons|1 day|-1 day|2 days|00:00:01|-00:00:01|1 day -00:00:01|\
             -1 day 00:00:01|-1 mon 1 day|1 mon -1 day|-1 year 2 days -00:00:00.000001|1000000:00:00|100 hours 0.1 s|\
             -13 mon 1 day 1 hour|178000000 years",
        ),
        (
            "uuid",
            "00000000-0000-0000-0000-000000000000|A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
        ),
        (
            "inet",
            "0.0.0.0|192.168.1.2/24|10.0.0.1/32|::|::1|::2:3|::1.2.3.4|::ffff:1.2.3.4|2001:db8::1/64|1:0:0:2::3|\
             1:0:2:3:4:5:6:7|fe80::1/128|::ffff:0:0|::1:0:0:0|1::",
        ),
        ("cidr", "10.0.0.0/8|10.1.2.3/32|2001:db8::/32|::/0|::1/128"),
        ("macaddr", "08:00:2b:01:02:03"),
        ("macaddr8", "08:00:2b:01:02:03:04:ff"),
        ("varbit", "|1|0|10101010|101010101"),
        ("bit(9)", "101010101"),
        ("pg_lsn", "0/0|16/B374D848|FFFFFFFF/FFFFFFFF"),
        ("tid", "(0,1)|(4294967295,65535)"),
        ("\"char\"", "a|"),
        ("jsonpath", "$.a[*]"),
        ("xml", "<a/>"),
        ("name", "x"),
        ("bpchar(3)", "x"),
        (
            "point",
            "(0,0)|(1.5,-2)|(1e300,1e-300)|(1e14,1e15)|(0.0001,0.00001)|(123456.789,-0.1)|(NaN,Infinity)|(-0,-Infinity)",
        ),
        ("lseg", "[(1,2),(3,4)]"),
        ("box", "(1,2),(3,4)"),
        ("path", "((1,2),(3,4))|[(1,2),(3,4),(5,6)]"),
        ("polygon", "((1,2),(3,4),(5,6))"),
        ("circle", "<(1,2),3.5>"),
        ("line", "{1,2,3}"),
        ("int4range", "[1,10)|(,5)|[5,)|empty|(,)"),
        ("int8range", "[-9223372036854775808,0)"),
        ("numrange", "[1.50,2.0]|(-Infinity,1)"),
        ("tsrange", "[2024-01-01,2024-01-02 12:00]|[infinity,]"),
        ("tstzrange", "[2024-01-01,)"),
        ("daterange", "[2024-01-01,2024-02-01)"),
        ("int4multirange", "{}|{[1,2),[5,)}"),
        ("tsmultirange", "{[2024-01-01,2024-01-02 12:00]}"),
    ] {
        let values = format!("select unnest(string_to_array($text${values}$text$, '|', 'null'))");
        let count = written_alike(c, type_, &values).await;
        assert!(count > 0);
    }
    c.query_all("create type pg_temp.textrange as range (subtype = text)", &[])
        .await
        .unwrap();
    c.query_all("create type pg_temp.floatrange as range (subtype = float4)", &[])
        .await
        .unwrap();
    for (type_, values) in [
        (
            "pg_temp.textrange",
            r#"[a,b]~["","a b"]~["(","\\\\"]~["a""b",c)~["a,b",ä]"#,
        ),
        (
            "pg_temp.floatrange",
            "[0.1,1e10]~[-1e-5,123456]~[100000,1e6]~[,1.1754944e-38]",
        ),
    ] {
        let values = format!("select unnest(string_to_array($text${values}$text$, '~'))");
        assert!(written_alike(c, type_, &values).await > 3);
    }
}

#[tokio::test]
async fn texts_of_many_values_are_those_of_the_server() {
    let c = &mut plain().await;
    for (type_, expression) in [
        (
            "numeric",
            "trunc((random() * 2 - 1)::numeric * 10::numeric ^ (g % 60 - 30), g % 40)",
        ),
        ("numeric", "10::numeric ^ (g % 80 - 40)"),
        ("date", "'4714-11-24 BC'::date + (random() * 2147483493)::int"),
        ("date", "'0010-01-01 BC'::date + g"),
        ("date", "'1995-01-01'::date + g"),
        (
            "timestamp",
            "'4714-11-24 BC'::timestamp + random() * interval '298000 years'",
        ),
        (
            "timestamptz",
            "'1990-01-01'::timestamptz + random() * interval '40 years'",
        ),
        ("time", "time '00:00' + random() * interval '24 hours'"),
        (
            "interval",
            "make_interval(months => (random() * 100 - 50)::int, days => (random() * 10 - 5)::int, secs => random() * 9 - 5)",
        ),
        ("uuid", "md5(g::text)"),
        ("inet", "'::'::inet + (random() * 1e15)::int8 * (g % 2)"),
        (
            "point",
            "point((random() - 0.5) * 10::float8 ^ (g % 313 - 300), 1 / random())",
        ),
        (
            "numrange",
            "numrange(random()::numeric, 2 + random()::numeric, '[]')",
        ),
    ] {
        let series = format!("select ({expression})::text from generate_series(1, 5000) g");
        assert_eq!(written_alike(c, type_, &series).await, 5000);
    }
}
