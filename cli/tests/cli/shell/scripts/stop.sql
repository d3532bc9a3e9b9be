\set ON_ERROR_STOP on
select 1;
select 2; select nothing; select 3;
select 4;
