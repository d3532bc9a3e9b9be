\c "host=/nowhere nonsense"
select 1;
