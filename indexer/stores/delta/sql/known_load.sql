-- The ids and hashes of the rows that are in the table when writing begins.
insert into {seen} select id, hash, 0 from rows
