-- Times are milliseconds since 1970, UTC. Booleans are 0 or 1. $bytes is the database's word for a text of bytes.

-- What is encrypted by the vault: its sealed keyset, and one row per credential.
create table credentials (
  id text primary key,
  data $bytes not null
);

-- One row per configured seller: when it is looked at next, and who looks at it now.
create table sellers (
  name text primary key,
  seller text not null,
  due_at bigint not null,
  lease_holder text not null default '',
  lease_until bigint not null default 0,
  round_at bigint not null default 0,
  round_error text not null default '',
  found_at bigint not null default 0,
  connected_at bigint not null default 0
);
create index sellers_due on sellers (due_at);

-- One row per settlement: where it stood when it was looked at last. The audit log, not this row, says what was booked.
create table payouts (
  seller text not null,
  settlement text not null,
  name text not null,
  revision bigint not null default 1,
  pending bigint not null default 1,
  settled bigint not null default 0,
  state text not null,
  currency text not null default '',
  total text not null default '',
  starts bigint not null default 0,
  ends bigint not null default 0,
  deposit bigint not null default 0,
  reconciliation text not null default '',
  findings text not null default '[]',
  documents text not null default '[]',
  plan text not null default '',
  error_code text not null default '',
  error text not null default '',
  looked_at bigint not null default 0,
  sources text not null default '',
  primary key (seller, settlement)
);
create index payouts_pending on payouts (seller, pending, starts);
create index payouts_name on payouts (name, starts);
create index payouts_settlement on payouts (settlement);

-- What Amazon said of a payout when its money moved, and which total its other interfaces confirmed. Plans are functions
-- of it, so what is final is never changed.
create table facts (
  seller text not null,
  settlement text not null,
  kind text not null,
  body text not null,
  primary key (seller, settlement, kind)
);

-- What each plan was made from, so that it can be made again: rules and calendars by their hashes.
create table inputs (
  hash text primary key,
  body $bytes not null
);
create table plans (
  hash text primary key,
  seller text not null,
  settlement text not null,
  name text not null,
  revision bigint not null,
  no_bank bigint not null,
  report text not null,
  rules text not null,
  calendar text not null,
  payout text not null,
  made_at bigint not null
);

-- Requests to the ledger and its answers, for evidence: bodies as they went, without headers and without log-ins.
create table exchanges (
  seller text not null,
  settlement text not null,
  at bigint not null,
  machine text not null,
  n bigint not null,
  method text not null,
  url text not null,
  request text not null,
  status bigint not null,
  answer text not null,
  primary key (seller, settlement, at, machine, n)
);

-- What Amazon deferred at the end of a fiscal period. The status changes in place afterwards, so this is the only witness.
create table snapshots (
  name text not null,
  period bigint not null,
  taken_at bigint not null,
  hash text not null,
  complete bigint not null,
  body text not null,
  primary key (name, period)
);

-- The archive, where several machines share it; on one machine it is a folder.
create table archive_objects (
  object text primary key,
  size bigint not null,
  data $bytes not null
);
create table archive_entries (
  seller text not null,
  n bigint not null,
  body text not null,
  primary key (seller, n)
);
