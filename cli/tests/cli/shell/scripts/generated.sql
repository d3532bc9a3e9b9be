select 'select 1 as one', null, 'select 2 as two;' union all select 'create table made (id int)', 'insert into made values (1), (2)', 'table made' \gexec
select format('select %s as n', n) from generate_series(1, 3) n
\gexec
\gexec
select 'nonsense', 'select 4' \gexec
\echo :ROW_COUNT :ERROR :SQLSTATE :LAST_ERROR_MESSAGE
create table other () \gexec
select unnest(array['select generate_series(1, 3)']) \gexec
\echo :ROW_COUNT :ERROR :SQLSTATE
select unnest(array['select generate_series(1, 3)', 'select 1/0', 'select generate_series(1, 2)']) \gexec
\echo :ROW_COUNT :ERROR :SQLSTATE :LAST_ERROR_MESSAGE
select 'select 1' where false \gexec
select '' , ' ', 'select 5 \; select 6', 'select 7; select 8' \gexec
select :ROW_COUNT;
\set ECHO all
select 'select 9' \gexec
\set ECHO queries
select 'select 10' \gexec
\set ECHO none
\timing off
select 'select 11; -- last' \gexec more
select 1/0 \gexec
select 'select ''\gexec''' \gexec
select 'select 15' \; select 'select 16' \gexec
select 'select 17' \; select 1/0 \gexec
select 'select 18' \; create table third () \gexec
select 19 as a \; select 20 as b \gset
\echo :a :b
select 21 as a \; select 1/0 as b \gset
\set SHOW_ALL_RESULTS off
select 'select 22' \; select 'select 23' \gexec
select 'select 24' \; select 1/0 \gexec
select 25 as a \; select 26 as b \gset
\echo :a :b
\set SHOW_ALL_RESULTS on
create temp table changed (id int, s text);
insert into changed values (27, 'select 28') returning id \gset
\echo :id :ROW_COUNT
update changed set id = 29 returning s \gexec
\echo :ROW_COUNT
select 1 from generate_series(1, 2) \gset
\echo :ROW_COUNT :ERROR
select 1 where false \gset
\echo :ROW_COUNT :ERROR
begin;
select 'select 1/0', 'select 12' \gexec
rollback;
\set ON_ERROR_STOP on
select 'select 1/0', 'select 13' \gexec
select 14;
