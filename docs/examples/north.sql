-- The database "north" of the examples.
create table city (id int primary key, name text not null, people int);
insert into city values (1, 'Bergen', 291940), (2, 'Oslo', 717710), (3, 'Tromsø', null);

create table orders (id int primary key, city text not null, day date not null, total int not null);
insert into orders values
    (1, 'Bergen', '2026-01-05', 120),
    (2, 'Oslo', '2026-01-06', 80),
    (3, 'Bergen', '2026-02-01', 200);
