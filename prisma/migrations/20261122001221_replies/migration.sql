-- AlterTable
ALTER TABLE "bridge_replies" ADD COLUMN     "claimed_at" TIMESTAMPTZ(3),
ADD COLUMN     "claimed_epoch" INTEGER,
ADD COLUMN     "pending_since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
ADD COLUMN     "report" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "report_attempts" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "retry_requested_at" TIMESTAMPTZ(3);

-- What still has to be sent, in order, and what Chatwoot still has to be told or asked. Prisma cannot express partial indexes.
CREATE INDEX "bridge_replies_open" ON "bridge_replies"("integration_id", "conversation_id", "chatwoot_message_id", "part") WHERE "state" IN ('pending', 'sending');
CREATE INDEX "bridge_replies_to_tell" ON "bridge_replies"("integration_id") WHERE "report" <> '' OR "retry_requested_at" IS NOT NULL;
