select 'aÿb';
select 'aâ(¡';
select 1;
select 2, 'Ã¤';
select 'â‚