-- The import of what was written before an activation: how far it is, what was read and not handed over yet, and which conversations of
-- Chatwoot were made for it.

-- AlterTable
ALTER TABLE "chatwoot_integrations" ADD COLUMN     "import_history_days" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "engine_histories" (
    "instance_id" TEXT NOT NULL,
    "bridge_integration_id" TEXT NOT NULL,
    "days" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "activated_at" TIMESTAMPTZ(3) NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "until" TIMESTAMPTZ(3),
    "cursor" TEXT,
    "found" INTEGER NOT NULL DEFAULT 0,
    "handed_over" INTEGER NOT NULL DEFAULT 0,
    "is_cut" BOOLEAN NOT NULL DEFAULT false,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "last_error" TEXT NOT NULL DEFAULT '',
    "next_attempt_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "claim" INTEGER NOT NULL DEFAULT 0,
    "claimed_until" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "engine_histories_pkey" PRIMARY KEY ("instance_id")
);

-- CreateTable
CREATE TABLE "engine_history_messages" (
    "instance_id" TEXT NOT NULL,
    "dedupe_key" TEXT NOT NULL,
    "chat" TEXT NOT NULL,
    "place" TEXT NOT NULL,
    "sent_at" TIMESTAMPTZ(3) NOT NULL,
    "rank" INTEGER NOT NULL,
    "payload" TEXT,
    "engine_kind" TEXT NOT NULL,
    "handed_at" TIMESTAMPTZ(3),

    CONSTRAINT "engine_history_messages_pkey" PRIMARY KEY ("instance_id","dedupe_key")
);

-- CreateTable
CREATE TABLE "bridge_histories" (
    "integration_id" TEXT NOT NULL,
    "conversation_id" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "bridge_histories_pkey" PRIMARY KEY ("integration_id","conversation_id")
);

-- CreateIndex
CREATE INDEX "engine_histories_due" ON "engine_histories"("next_attempt_at") WHERE "finished_at" IS NULL;

-- CreateIndex
CREATE INDEX "engine_history_messages_instance_id_chat_sent_at_idx" ON "engine_history_messages"("instance_id", "chat", "sent_at");

-- AddForeignKey
ALTER TABLE "engine_histories" ADD CONSTRAINT "engine_histories_instance_id_fkey" FOREIGN KEY ("instance_id") REFERENCES "chatwoot_integrations"("instance_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "engine_history_messages" ADD CONSTRAINT "engine_history_messages_instance_id_fkey" FOREIGN KEY ("instance_id") REFERENCES "engine_histories"("instance_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bridge_histories" ADD CONSTRAINT "bridge_histories_integration_id_fkey" FOREIGN KEY ("integration_id") REFERENCES "bridge_integrations"("id") ON DELETE CASCADE ON UPDATE CASCADE;
