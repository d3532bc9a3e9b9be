select 1;
select 2
  as a;
\echo x
