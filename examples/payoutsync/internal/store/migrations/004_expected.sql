-- Until when the seller's next settlement is to come; 0 where that is not known.
alter table sellers add column expected_at bigint not null default 0;
