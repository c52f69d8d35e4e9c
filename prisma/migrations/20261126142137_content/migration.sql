-- In which language agents are written to.
ALTER TABLE "chatwoot_integrations" ADD COLUMN     "language" TEXT;
ALTER TABLE "bridge_integrations" ADD COLUMN     "account_locale" TEXT,
ADD COLUMN     "language" TEXT;

-- Pictures of contacts.
ALTER TABLE "bridge_contacts" ADD COLUMN     "avatar_asked_at" TIMESTAMPTZ(3),
ADD COLUMN     "avatar_hash" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "avatar_shown_at" TEXT NOT NULL DEFAULT '';

-- Files that follow their text.
ALTER TABLE "bridge_dead_letters" ADD COLUMN     "retries" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "retry_at" TIMESTAMPTZ(3);
CREATE INDEX "bridge_dead_letters_retry_at_idx" ON "bridge_dead_letters"("retry_at");

-- Names behind mentions.
CREATE TABLE "bridge_members" (
    "integration_id" TEXT NOT NULL,
    "chat" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "bridge_members_pkey" PRIMARY KEY ("integration_id","chat","address")
);
ALTER TABLE "bridge_members" ADD CONSTRAINT "bridge_members_integration_id_fkey" FOREIGN KEY ("integration_id") REFERENCES "bridge_integrations"("id") ON DELETE CASCADE ON UPDATE CASCADE;
