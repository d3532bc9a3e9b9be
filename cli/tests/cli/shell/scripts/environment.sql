\getenv
\getenv home
\getenv lang LC_ALL
\echo :lang
\getenv nothing DBLINK_NO_SUCH_VARIABLE
\echo :nothing :{?nothing}
\getenv lang DBLINK_NO_SUCH_VARIABLE
\echo :lang
\getenv a-b LC_ALL
\getenv VERBOSITY LC_ALL
\getenv a LC_ALL more
\echo :a
