\p
\g
\r
select 1
\p
\r
\p
select 2 \g
\g
\p
\gx
select 3 as a, 4 as b \gx
select 5 as a, 6 as b \gset
\echo :a :b
select 7 as a, null as b \gset p_
\echo :p_a :p_b
\gset
select 1 as a where false \gset
select 1 as a union all select 2 \gset
select 1 as "ON_ERROR_STOP", 2 as "a b" \gset
select 1 as a \gset "x y"
create temp table g (a int) \g
select 8 \p \g
select 9 \g \echo behind
select 10; select 11 \g
select (1
\r
select 12;
select 'a
\r
b';
-- only a comment
\g
select 13 \;
\p
;
\p
select 14
-- trailing
