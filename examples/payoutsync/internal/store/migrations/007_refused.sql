-- Log-ins to Vantagepoint that were refused, and are not tried again. The id is a keyed hash of who logs in, where and with what.
create table refused (
  id text primary key,
  at bigint not null,
  status bigint not null,
  error text not null,
  description text not null
);
