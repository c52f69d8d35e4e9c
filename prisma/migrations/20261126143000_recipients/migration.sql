-- Which addresses a conversation belongs to, so that a reply goes to where its last message came from, and nobody's text to somebody else.

-- CreateTable
CREATE TABLE "bridge_conversation_addresses" (
    "integration_id" TEXT NOT NULL,
    "conversation_id" INTEGER NOT NULL,
    "address" TEXT NOT NULL,
    "reply_to" TEXT NOT NULL,
    "wrote_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "bridge_conversation_addresses_pkey" PRIMARY KEY ("integration_id","conversation_id","address")
);

-- CreateIndex
CREATE INDEX "bridge_conversation_addresses_integration_id_address_idx" ON "bridge_conversation_addresses"("integration_id", "address");

-- AddForeignKey
ALTER TABLE "bridge_conversation_addresses" ADD CONSTRAINT "bridge_conversation_addresses_integration_id_fkey" FOREIGN KEY ("integration_id") REFERENCES "bridge_integrations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What earlier versions noted of each message. They kept no track of what the owner of the phone had typed there.
INSERT INTO "bridge_conversation_addresses" ("integration_id", "conversation_id", "address", "reply_to", "wrote_at")
SELECT "integration_id", "conversation_id", "chat", "chat", max("created_at") FILTER (WHERE "direction" = 'to_chatwoot')
  FROM "bridge_messages" WHERE "chat" <> '' GROUP BY "integration_id", "conversation_id", "chat";

-- Which @lid and which number were told to be one person's.

-- CreateTable
CREATE TABLE "bridge_lids" (
    "instance_id" TEXT NOT NULL,
    "lid" TEXT NOT NULL,
    "number" TEXT NOT NULL,
    "told_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "bridge_lids_pkey" PRIMARY KEY ("instance_id","lid","number")
);

-- CreateIndex
CREATE INDEX "bridge_lids_instance_id_number_idx" ON "bridge_lids"("instance_id", "number");

-- What earlier versions concluded, as far as it was concluded of one contact: where it has several of either, it counts as unsure.
INSERT INTO "bridge_lids" ("instance_id", "lid", "number")
SELECT DISTINCT i."instance_id", l."address", n."address"
  FROM "bridge_contacts" l
  JOIN "bridge_contacts" n ON n."integration_id" = l."integration_id" AND n."contact_id" = l."contact_id"
  JOIN "bridge_integrations" i ON i."id" = l."integration_id" AND i."state" = 'active'
 WHERE l."address" LIKE '%@lid' AND n."address" ~ '^[0-9]+$';

-- What happened to a message that has not come yet.

-- CreateTable
CREATE TABLE "bridge_early_events" (
    "integration_id" TEXT NOT NULL,
    "original_id" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "engine_kind" TEXT NOT NULL,
    "payload" TEXT NOT NULL,
    "due_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "bridge_early_events_pkey" PRIMARY KEY ("integration_id","original_id","key")
);

-- CreateIndex
CREATE INDEX "bridge_early_events_due_at_idx" ON "bridge_early_events"("due_at");

-- CreateIndex
CREATE INDEX "bridge_early_events_created_at_idx" ON "bridge_early_events"("created_at");

-- AddForeignKey
ALTER TABLE "bridge_early_events" ADD CONSTRAINT "bridge_early_events_integration_id_fkey" FOREIGN KEY ("integration_id") REFERENCES "bridge_integrations"("id") ON DELETE CASCADE ON UPDATE CASCADE;
