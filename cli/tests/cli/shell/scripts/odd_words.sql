\unset a*/ \echo on
\r :{?a} extra
\if false
\r :{?a} extra
\endif
\t ;
\t ;
\x auto "open
\echo on
\r 'open
select 1 \gset x :{?b}
