-- Which database, whose, and where.
\set database :DBNAME
\echo :HOST :PORT :ENCODING :SERVER_VERSION_NAME :SERVER_VERSION_NUM :DBNAME :USER
\conninfo
create temp table kept (id int);
\c postgres
select * from kept;
\echo :DBNAME
\c :database
\c
\c -
\c - -
\c - - - -
\c - - - - more
\c postgres postgres - -
\c "postgres"
\c 'postgres'
\c postgres;
\c - trust_user 127.0.0.1
\conninfo
\echo :HOST :PORT :USER
select current_user;
\c - - localhost
\c - - localhost :PORT
\c "dbname=postgres"
\c -reuse-previous=on "dbname=postgres"
\c -reuse-previous=off postgres
\c -reuse-previous=perhaps postgres
\c "dbname=postgres" postgres
\c -reuse-previous=on "dbname=postgres user=postgres"
\c -reuse-previous=on postgresql:///postgres
set client_encoding = latin1;
\echo :ENCODING
\c - postgres
\echo :ENCODING
set standard_conforming_strings = off;
select 'a\'b';
\c -
select 'a\';
\c "with space ""and"" quotes"
