create table c (a int, b text);
copy c (a, b) from stdin with (format csv);
3,"three
lines"
4,:a 'quote
\.
select * from c;
