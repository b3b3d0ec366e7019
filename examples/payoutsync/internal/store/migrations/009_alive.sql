-- The one row that is written to see whether the database takes a write.
create table alive (at bigint not null);
insert into alive (at) values (0);
