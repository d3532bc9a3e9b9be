\nonsense
\nonsense with arguments \echo no
\
\\
\ select 1;
select 1 \nonsense
;
\unset
\unset a b c
\set ECHO foo
\echo a;b
\q now
