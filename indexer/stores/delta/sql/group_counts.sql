-- Exact number of rows of each combination; null is a value of its own.
select {columns}, count(*)::bigint as n from data group by {columns}
