-- The host and the port are those of nobody's settings then.
\c - trust_user 127.0.0.1
\c :DBNAME - '' ''
select 1;
