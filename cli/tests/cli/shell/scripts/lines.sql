select 1,

  
-- c

foo;
-- x
/* a

b */ select
	bar;
\foo
\echo a b
\if x
\endif
\echo 'abc
\i nofile
\set ON_ERROR_STOP maybe
\set VERBOSITY x
\x y z
\if true
