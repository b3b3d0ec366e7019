-- When the client secret and the refresh token that are stored now were entered first.
alter table sellers add column secret_at bigint not null default 0;
alter table sellers add column authorised_at bigint not null default 0;
update sellers set secret_at = connected_at, authorised_at = connected_at;
