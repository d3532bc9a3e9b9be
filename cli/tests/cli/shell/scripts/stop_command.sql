\set ON_ERROR_STOP on
\if maybe
\endif
\echo one
\nonsense
\echo two
