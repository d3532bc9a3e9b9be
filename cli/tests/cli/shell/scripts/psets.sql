\pset border 5
\pset border
\pset border x
\pset null
\pset null 'x'
\pset footer
\pset footer x
\pset expanded foo
\x auto
\x foo
\pset tuples_only
\pset tuples_only
\t foo
\t on
\t off
\f
\f ,
\pset fieldsep_zero
\f
\f |
\pset recordsep
\pset recordsep x
\pset recordsep '\n'
\pset recordsep_zero
\pset recordsep '\n'
\a
\a
\a foo
\pset format
\pset format un
\pset format aligned
\pset format c
\pset format ALIGNED
\pset columns
\pset columns 70
\pset title 'a b'
\pset title
\pset pager off
\pset csv_fieldsep ab
\pset csv_fieldsep '"'
\pset csv_fieldsep ';'
\pset nothing
\timing
\timing off
\timing on
\timing maybe
\timing off
\x y z
\t on; x
