-- included
select 'included';
select nothing;
\echo :x
\q
select 'never';
