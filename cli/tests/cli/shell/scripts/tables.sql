create temp table t (i int, n numeric, s text, "Long Header Name" text, b bool, d date);
insert into t values (1, 1.50, 'short', 'x', true, '2020-01-01'), (22222, -3, E'two\nlines', null, false, null), (null, null, '', 'a much longer value', null, '1999-12-31');
insert into t values (3, 3, E'tab\there', E'ctl\x01\x7f\r|', true, null), (4, 4, '日本語', 'äöü e' || U&'\0301', true, null), (5, 5, E'a\n\nb\n', E'x\ny', true, null);
select * from t;
\x
select * from t;
\pset border 0
select * from t;
select 1 as a, 'b' as bb;
\pset border 2
select * from t;
select 1 as a, 'b' as bb;
select from t;
select 1 where false;
\x
select * from t;
\pset border 0
select * from t;
\pset border 1
\pset null (null)
select * from t;
\pset title 'A title'
select 1 as a;
select 'a longer value than the title' as a, 2 as b;
\x
select 1 as a;
\x
\a
select * from t;
\x
select * from t;
\x
\a
\pset title
select;
select from t;
select 1 where false;
select from t where false;
\pset border 2
select;
select from t;
\pset border 0
select from t;
\pset border 1
\t
select * from t;
select 1 where false;
select from t;
\x
select * from t;
\x
\a
select * from t;
\x
select * from t;
select 1 where false;
\t
\t
\x
\f ,
select * from t;
\t
\f '\t'
select i, n from t;
\pset footer off
select i, n from t;
select 1 as a where false;
\a
select i, n from t;
\x
select i, n from t where i = 1;
select 1 where false;
\pset footer on
select 1 where false;
\x
\pset format csv
select * from t;
\x
select i, s from t;
\x
\t
select i, s from t;
\t
\pset csv_fieldsep ;
select i, s from t;
select 'a;b' as x, 'a,b' as y, '\.' as z, '"' as q, ' ' as e;
select from t;
\pset format aligned
select 1 as "two
lines", 2 as "a
b
c", 'x' as d;
\x
select 1 as "two
lines", 2 as "a
b
c", E'x\ny\nz' as d;
\pset border 2
select 1 as "two
lines", 2 as "a
b
c", E'x\ny\nz' as d;
\pset border 0
select 1 as "two
lines", 2 as "a
b
c", E'x\ny\nz' as d;
\x
select 1 as "two
lines", 2 as "a
b
c", E'x\ny\nz' as d;
\pset border 2
select 1 as "two
lines", 2 as "a
b
c", E'x\ny\nz' as d;
\pset border 1
\x auto
select repeat('x', 200);
\x off
\pset columns 40
\x auto
select repeat('x', 50) as a, 1 as b;
select repeat('x', 10) as a, 1 as b;
\x off
select '1'::oid, '2'::xid, '3'::cid, '4'::xid8, 5::money, 6::int2, 7::int8, 8::float4, 9::float8, 'r' as r;
select array[1,2], '{"a": 1}'::jsonb, '(1,2)'::point, interval '1 day', '\xdeadbeef'::bytea;
explain (costs off) select * from t;
show work_mem;
values (1), (2);
