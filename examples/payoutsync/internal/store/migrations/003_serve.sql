-- When the fiscal period ends whose deferred transactions are to be looked at next; 0 while nobody has asked the ledger.
alter table sellers add column snapshot_at bigint not null default 0;
create index sellers_snapshot on sellers (snapshot_at);

-- The people who look at the pages and release plans. A hash is of a password, and says how it was made.
create table users (
  name text primary key,
  hash text not null
);
-- Who is logged in. The id is the hash of what the browser has.
create table sessions (
  id text primary key,
  name text not null,
  ends_at bigint not null
);
create index sessions_name on sessions (name);
