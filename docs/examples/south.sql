-- The database "south" of the examples.
create table orders (id int primary key, city text not null, day date not null, total int not null);
insert into orders values
    (1, 'Napoli', '2026-01-07', 50),
    (2, 'Roma', '2026-01-09', 310),
    (3, 'Roma', '2025-12-30', 90);
