-- What operators look at must not cost a look at every row there ever was.

-- The latest activations, page by page.
CREATE INDEX "activations_created_at_id_idx" ON "activations"("created_at", "id");

-- How many replies have not left yet, and since when the oldest.
CREATE INDEX "bridge_replies_unfinished" ON "bridge_replies"("pending_since") WHERE "state" IN ('pending', 'sending');
