-- The closed event groups of the seller whose settlement report has not come, as JSON.
alter table sellers add column unfetched text not null default '[]';
