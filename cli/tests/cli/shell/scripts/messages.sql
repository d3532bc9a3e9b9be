select nothing;
select 1,
  2,
  nothing;
select 'a
b', nothing;
select nothing, 'äöü日本語', nothing2, '日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語';
select '日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語', nothing, '日本語日本語日本語日本語日本語日本語日本語';
select 1111111111, 1111111111, 1111111111, 1111111111, 1111111111, 1111111111, 1111111111, nothing, 1111111111, 1111111111, 111111111;
select 	nothing;
/* comment
   here */ select nothing;
-- comment
  select nothing;
selec 1;
select 1 from;
select (1;
select 1);
do $$ begin raise notice 'notice'; raise warning 'warning'; raise info 'info'; raise log 'log'; raise debug 'debug'; end $$;
do $$ begin raise notice e'two\nlines' using hint = 'h', detail = e'd\nd'; end $$;
do $$ begin execute 'select 1 from nowhere'; end $$;
do $$ begin perform 1 from nowhere; end $$;
do $$ begin nonsense; end $$;
create function pg_temp.bad() returns int language plpgsql as $$
begin
  return 1
end $$;
create function pg_temp.bad() returns int language sql as $$ select nothing; $$;
set escape_string_warning = on;
set standard_conforming_strings = off;
select 'a\nb';
set standard_conforming_strings = on;
drop table if exists nowhere;
create temp table a (a int primary key);
create temp table b (a int references a);
drop table a;
drop table a cascade;
insert into b values ('x');
begin;
begin;
select 1/0;
select 1;
commit;
commit;
rollback;
savepoint x;
listen news;
select
	nothing
	from
	nowhere;
select 'ends here
