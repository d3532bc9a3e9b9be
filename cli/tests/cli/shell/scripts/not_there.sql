select 1;
\c nodb
select 2;
