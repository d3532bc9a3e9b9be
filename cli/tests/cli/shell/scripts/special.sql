\set ON_ERROR_STOP maybe
\set VERBOSITY nothing
\set ECHO x
\set QUIET what
\set SHOW_CONTEXT always
do $$ begin raise notice 'n'; end $$;
\set SHOW_CONTEXT errors
do $$ begin raise notice 'n'; end $$;
do $$ begin raise exception 'n' using detail = 'd', hint = 'h'; end $$;
\set SHOW_CONTEXT never
do $$ begin raise exception 'n' using detail = 'd', hint = 'h'; end $$;
\set VERBOSITY terse
select foo;
do $$ begin raise notice 'n' using detail = 'd'; end $$;
\set VERBOSITY sqlstate
select foo;
\set VERBOSITY verbose
select foo;
create table pk (a int primary key, b int not null check (b > 0));
insert into pk values (1, 1), (1, 1);
insert into pk values (1, null);
insert into pk values (1, -1);
do $$ begin perform 1/0; end $$;
\set VERBOSITY default
\set ECHO queries
select 1;
  select 2
  as x;
\set ECHO errors
select foo;
select 1;
\set ECHO all
select 1
  as x;

-- a comment
\echo hi
\set ECHO none
\set QUIET on
create temp table q (a int);
insert into q values (1) returning a;
\t
\x
\pset null foo
\t off
\x off
\set QUIET off
insert into q values (1), (2) returning a;
update q set a = 2;
delete from q where false returning *;
select count(*) from q;
\echo :ERROR :SQLSTATE :ROW_COUNT :LAST_ERROR_SQLSTATE :LAST_ERROR_MESSAGE
update q set a = 3;
\echo :ERROR :SQLSTATE :ROW_COUNT
select bar;
\echo :ERROR :SQLSTATE :ROW_COUNT :LAST_ERROR_SQLSTATE :LAST_ERROR_MESSAGE
create temp table q2 (a int);
\echo :ERROR :SQLSTATE :ROW_COUNT :LAST_ERROR_SQLSTATE :LAST_ERROR_MESSAGE
\set ON_ERROR_STOP
\echo :ON_ERROR_STOP
\unset ON_ERROR_STOP
\echo :ON_ERROR_STOP :VERBOSITY :ECHO :QUIET :SHOW_CONTEXT
\set SHOW_ALL_RESULTS off
select 1 \; select 2;
select 1 \; select 1/0;
\set SHOW_ALL_RESULTS on
select 1 \; select 1/0 \; select 2;
select 1 \; create temp table q3 (a int) \; insert into q3 values (1);
