-- The secret before the last one of an inbox: a webhook is signed with the one of the moment in which it was enqueued.

-- AlterTable
ALTER TABLE "bridge_integrations" ADD COLUMN "webhook_secret_before" TEXT,
ADD COLUMN "webhook_secret_changed_at" TIMESTAMPTZ(3);

-- Messages of WhatsApp that Chatwoot shows as failed because their webhook was not taken, until that is put right.

-- AlterTable
ALTER TABLE "bridge_messages" ADD COLUMN "shown_failed" BOOLEAN NOT NULL DEFAULT false;

-- CreateIndex
CREATE INDEX "bridge_messages_shown_failed" ON "bridge_messages"("integration_id") WHERE "shown_failed";
