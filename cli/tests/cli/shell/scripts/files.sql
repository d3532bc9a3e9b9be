\i nothing_there.sql
\i
\ir
\i /
\o /nothing/there
\o
\i included.sql
\i included.sql extra
\ir included.sql
\echo back
select * from nowhere;
\i 'included.sql';
\warn on stderr
\warn -n no newline
\qecho to the output
\q
select 'never';
