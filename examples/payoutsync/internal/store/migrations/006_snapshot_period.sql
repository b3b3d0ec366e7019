-- The fiscal period whose snapshot is due at snapshot_at, some minutes after its end; 0 where that is not known.
alter table sellers add column snapshot_period bigint not null default 0;
