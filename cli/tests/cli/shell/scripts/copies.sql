create table c (a int, b text);
copy c from stdin;
1	one
2	two; not the end
\N	\\.
\.
select * from c;
copy c from stdin;
not a number	x
5	five
\.
select count(*) from c;
copy nothing from stdin;
select 'no data';
copy c from stdin;
\.
copy c to stdout;
copy (select a from c where false) to stdout;
copy (select a, b from c order by a limit 2) to stdout with (format csv, header);
copy (select 1/0) to stdout;
copy (select 1/(3 - a) from c where a is not null order by a) to stdout;
\echo :ROW_COUNT
copy c from stdin \g
6	six
\.
\set ECHO all
copy c from stdin;
7	seven
\.
select a from c where a > 5;
\set ECHO none
copy c from stdin; select 'behind';
8	eight
\.
copy c from stdin;
9	nine
