select 'a;b', "a;b" from (select 1 as "a;b") x;
select $$ a;
  b $$, $t$ $$ ; $t$;
select E'a\';b', e'\\', 'a''b;';
select 'a
b;
c', U&'\0041;';
select 'a'
  'b;';
select /* ; /* nested ; */ ; */ 1; -- c ; d
select 1 -- comment; more
  as x -- another
;
select (1;
2);
select 1 as "weird""name;";
select b'101', x'ff', n'a;b';
set standard_conforming_strings = off;
set escape_string_warning = off;
select 'a\';b';
set standard_conforming_strings = on;
select 'a\';
select 1 \; select 2 \; select 3;
select 1 \: \: int;
select a$b$c from (select 1 as a$b$c) x;
select 1e'x';
select $1;
select '	tab';
select 1;;select 2;
;
  ;
select 3 as
	c
