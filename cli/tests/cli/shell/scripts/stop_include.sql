\set ON_ERROR_STOP on
\i included.sql
select 4;
