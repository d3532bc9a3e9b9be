\set a 1
\set q 'it''s'
\set w 'C:\\temp'
\set t pg_class
\set s 'select 5;'
select :a, :'q', :'w', :"t".relname from :t limit 0;
select :a + :a, ':a', ":a" from (select 2 as ":a") x;
select :b;
select :'b';
select :"b";
select 1::int, array[1,2,3][1:2], (array[1,2,3])[1:a], (array[1,2,3])[:a:2];
:s :s
select :{?a}, :{?nothing};
select x:'w' from (select 1 as x) y;
\set r ':r'
select :r;
\set z 'select ''open'
:z closed';
select -- :a
 :a /* :a */;
select $$:a$$;
\echo :a :'a' :"a" ':a' ":a" x:a :{?a} :nothing:a
\echo 'C escapes: \t|\n|\x41|\101|\\|''' "double  quotes" 'un'quo"te d"
\echo
\echo -n no newline
\echo
\echo 'a' -n
\echo '-n' b
\echo a\\\echo b
\echo a \echo b \\ select 6;
select 7 \echo seven
;
\set long a b c 'd e' f
\echo :long
\unset long
\echo :long
\set a
\echo [:a]
select 8 as col :a;
\echo it's unterminated
\echo "unterminated
\set a:b c
\set 1 2
\echo :1
\echo :AUTOCOMMIT :ON_ERROR_ROLLBACK
