-- CreateIndex
CREATE INDEX "bridge_messages_integration_id_chat_created_at_idx" ON "bridge_messages"("integration_id", "chat", "created_at");
