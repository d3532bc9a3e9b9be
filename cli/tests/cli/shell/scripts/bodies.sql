create function f(a int) returns int begin atomic select 1; select case when a > 1 then 2 else 3 end; end;
select f(1), f(2);
create or replace function f(a int) returns int language sql
begin atomic
  select a;
  select a + 1;
end;
select f(1);
create or replace procedure p() begin atomic
  select 1;
end; call p();
begin; select 1; end;
create temp table "begin" (a int); select 1;
create function g() returns int as $$ begin return 1; end; $$ language plpgsql;
select g();
