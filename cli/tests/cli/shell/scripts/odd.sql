select 1 as "é", 'x' as "日本";;
select/**/1;
select 1--
;
select 2 as x\gset
\echo :x\\ select :x;
  \echo indented
	\echo tab
select 'a' 'b';
select $tag$a$tag$||$$b$$;
select 1 \; \; select 2;
\echo :{?x} :{?} :{x} :x:x :'x:x
\echo 'a'"b"c
\echo a;
\echo ;
\set x ;
\echo :x
\x;
select 1 as a;
\x off;
\t;
select 1;
\t
\echo	tab	between
\echo \\ \echo
\echo a\
\pset null '\\N'
select null;
\pset null ''
\if :{?x} \else \endif
\if
\else
\endif
\i included.sql;
select 'no semicolon at the end'
