\unrestrict early
\restrict
\restrict ''
\restrict a-b
\unrestrict
\unrestrict x
\restrict abc123 more
\echo hidden
select 1;
\set a 1
\restrict other
\unrestrict
\unrestrict wrong
\if true
\echo in if
\endif
\unrestrict abc123 more
\echo shown :a
\restrict :a
\restrict 'q'
\echo hidden
\nonsense
select 2 \g
\q
\unrestrict q
\restrict z
\if false
