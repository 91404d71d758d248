-- Remember the new hash of changed rows, and in which write they changed.
update {seen} set hash = batch.hash, turn = batch.turn from batch where {seen}.id = batch.id
