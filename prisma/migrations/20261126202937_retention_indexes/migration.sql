-- What retention and a change of webhooks look for, which had to read the tables from their beginning to their end.

-- CreateIndex
CREATE INDEX "bridge_dead_letters_resent_at_idx" ON "bridge_dead_letters"("resent_at");

-- CreateIndex
CREATE INDEX "engine_webhooks_delivery_key_hash_idx" ON "engine_webhooks"("delivery_key_hash");
