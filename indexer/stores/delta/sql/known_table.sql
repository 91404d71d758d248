-- turn: 0 when the row lies in the table, else the number of the write that changed it.
create or replace table {seen} (id varchar not null, hash varchar not null, turn integer not null)
