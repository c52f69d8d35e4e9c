-- CreateEnum
CREATE TYPE "relay_direction" AS ENUM ('to_chatwoot', 'to_whatsapp');

-- CreateEnum
CREATE TYPE "bridge_reply_state" AS ENUM ('pending', 'sending', 'sent', 'failed', 'unknown', 'ignored');

-- CreateEnum
CREATE TYPE "dead_letter_state" AS ENUM ('dead', 'requested', 'resent');

-- AlterTable
ALTER TABLE "bridge_integrations" ADD COLUMN     "phone_state" TEXT NOT NULL DEFAULT '';

-- AlterTable
ALTER TABLE "instances" ADD COLUMN     "last_sequence" BIGINT NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "engine_events" (
    "instance_id" TEXT NOT NULL,
    "sequence" BIGINT NOT NULL,
    "dedupe_key" TEXT NOT NULL,
    "chat" TEXT NOT NULL,
    "payload" TEXT,
    "payload_bytes" INTEGER NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "first_sent_at" TIMESTAMPTZ(3),
    "acked_at" TIMESTAMPTZ(3),

    CONSTRAINT "engine_events_pkey" PRIMARY KEY ("instance_id","sequence")
);

-- CreateTable
CREATE TABLE "bridge_contacts" (
    "integration_id" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "contact_id" INTEGER NOT NULL,
    "source_id" TEXT NOT NULL,
    "name_set" TEXT NOT NULL DEFAULT '',
    "name_seen" TEXT NOT NULL DEFAULT '',
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "bridge_contacts_pkey" PRIMARY KEY ("integration_id","address")
);

-- CreateTable
CREATE TABLE "bridge_messages" (
    "integration_id" TEXT NOT NULL,
    "whatsapp_id" TEXT NOT NULL,
    "direction" "relay_direction" NOT NULL,
    "chat" TEXT NOT NULL,
    "conversation_id" INTEGER NOT NULL,
    "chatwoot_message_id" INTEGER NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'sent',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "bridge_messages_pkey" PRIMARY KEY ("integration_id","whatsapp_id")
);

-- CreateTable
CREATE TABLE "bridge_replies" (
    "id" BIGSERIAL NOT NULL,
    "integration_id" TEXT NOT NULL,
    "conversation_id" INTEGER NOT NULL,
    "chatwoot_message_id" INTEGER NOT NULL,
    "part" INTEGER NOT NULL DEFAULT 0,
    "state" "bridge_reply_state" NOT NULL DEFAULT 'pending',
    "chat" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "whatsapp_id" TEXT,
    "error" TEXT NOT NULL DEFAULT '',
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "sent_at" TIMESTAMPTZ(3),

    CONSTRAINT "bridge_replies_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "bridge_dead_letters" (
    "id" TEXT NOT NULL,
    "integration_id" TEXT NOT NULL,
    "direction" "relay_direction" NOT NULL,
    "state" "dead_letter_state" NOT NULL DEFAULT 'dead',
    "chat" TEXT NOT NULL,
    "whatsapp_id" TEXT,
    "conversation_id" INTEGER,
    "chatwoot_message_id" INTEGER,
    "payload" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "resent_at" TIMESTAMPTZ(3),

    CONSTRAINT "bridge_dead_letters_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "engine_events_instance_id_dedupe_key_key" ON "engine_events"("instance_id", "dedupe_key");

-- CreateIndex
CREATE INDEX "bridge_contacts_integration_id_contact_id_idx" ON "bridge_contacts"("integration_id", "contact_id");

-- CreateIndex
CREATE INDEX "bridge_messages_integration_id_chatwoot_message_id_idx" ON "bridge_messages"("integration_id", "chatwoot_message_id");

-- CreateIndex
CREATE INDEX "bridge_messages_integration_id_conversation_id_chatwoot_mes_idx" ON "bridge_messages"("integration_id", "conversation_id", "chatwoot_message_id");

-- CreateIndex
CREATE INDEX "bridge_messages_created_at_idx" ON "bridge_messages"("created_at");

-- CreateIndex
CREATE INDEX "bridge_replies_integration_id_state_next_attempt_at_idx" ON "bridge_replies"("integration_id", "state", "next_attempt_at");

-- CreateIndex
CREATE INDEX "bridge_replies_integration_id_conversation_id_id_idx" ON "bridge_replies"("integration_id", "conversation_id", "id");

-- CreateIndex
CREATE INDEX "bridge_replies_integration_id_whatsapp_id_idx" ON "bridge_replies"("integration_id", "whatsapp_id");

-- CreateIndex
CREATE INDEX "bridge_replies_received_at_idx" ON "bridge_replies"("received_at");

-- CreateIndex
CREATE UNIQUE INDEX "bridge_replies_integration_id_chatwoot_message_id_part_key" ON "bridge_replies"("integration_id", "chatwoot_message_id", "part");

-- CreateIndex
CREATE INDEX "bridge_dead_letters_integration_id_created_at_idx" ON "bridge_dead_letters"("integration_id", "created_at");

-- CreateIndex
CREATE INDEX "bridge_dead_letters_state_idx" ON "bridge_dead_letters"("state");

-- AddForeignKey
ALTER TABLE "engine_events" ADD CONSTRAINT "engine_events_instance_id_fkey" FOREIGN KEY ("instance_id") REFERENCES "instances"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bridge_contacts" ADD CONSTRAINT "bridge_contacts_integration_id_fkey" FOREIGN KEY ("integration_id") REFERENCES "bridge_integrations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bridge_messages" ADD CONSTRAINT "bridge_messages_integration_id_fkey" FOREIGN KEY ("integration_id") REFERENCES "bridge_integrations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bridge_replies" ADD CONSTRAINT "bridge_replies_integration_id_fkey" FOREIGN KEY ("integration_id") REFERENCES "bridge_integrations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bridge_dead_letters" ADD CONSTRAINT "bridge_dead_letters_integration_id_fkey" FOREIGN KEY ("integration_id") REFERENCES "bridge_integrations"("id") ON DELETE CASCADE ON UPDATE CASCADE;


-- What is not acknowledged yet, in order, for the streams; and what is, for its removal. Prisma cannot express partial indexes.
CREATE INDEX "engine_events_unacknowledged" ON "engine_events"("instance_id", "sequence") WHERE "acked_at" IS NULL;
CREATE INDEX "engine_events_acknowledged" ON "engine_events"("acked_at") WHERE "acked_at" IS NOT NULL;
