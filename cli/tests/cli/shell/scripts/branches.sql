\if true
select 1;
\else
select 2;
\endif
\if false
select 3;
\elif false
select 4;
\elif yes
select 5;
\else
select 6;
\endif
\if
\endif
\if maybe
select 7;
\else
select 8;
\endif
\elif true
\else
\endif
\if true
\else
\else
\elif x
\endif
\if false
\if true
\echo inner
\else
\echo inner else
\endif
\echo :nothing `false`
\nonsense
\set x 1
\else
\echo outer
\endif
\echo :{?x}
select
\if true
 9
\else
 10
\endif
;
select (
\if false
 11 (
\else
 12
\endif
);
\if :{?x}
\echo set
\else
\echo not set
\endif
\if 1 \echo one \else \echo two \endif
\if true extra words
\endif
\else extra
\if true
select 13
