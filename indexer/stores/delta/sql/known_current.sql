-- The rows of a batch whose id changed last in the write of that number.
select position from batch where id in (select id from {seen} where turn = {turn} and id in (select id from batch))
