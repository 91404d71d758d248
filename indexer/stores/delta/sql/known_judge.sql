-- The rows of a batch that must be written, and whether their id is new. Only the last row of an id counts.
with latest as (
    select id, max(position) as position, arg_max(hash, position) as hash from batch group by id
),
known as (
    select id, hash from {seen} where id in (select id from latest)
)
select latest.position as position, known.id is null as is_new
from latest left join known using (id)
where known.id is null or known.hash is distinct from latest.hash
order by latest.position
