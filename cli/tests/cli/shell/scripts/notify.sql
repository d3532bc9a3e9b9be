listen news;
notify news;
notify news, 'with payload';
select 1;
unlisten *;
