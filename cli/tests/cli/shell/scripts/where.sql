\conninfo
\echo :DBNAME :USER
\conninfo extra
