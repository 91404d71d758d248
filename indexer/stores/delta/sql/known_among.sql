-- Which of the ids are known, and in which write each changed last.
select id, turn from {seen} where id in (select id from batch)
