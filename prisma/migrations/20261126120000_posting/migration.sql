-- What is just being posted into Chatwoot: written before the request leaves, so that whoever goes on after it, in whatever process, knows
-- of an outcome that is unknown.

-- CreateEnum
CREATE TYPE "posting_kind" AS ENUM ('message', 'conversation');

-- CreateTable
CREATE TABLE "bridge_postings" (
    "integration_id" TEXT NOT NULL,
    "kind" "posting_kind" NOT NULL,
    "key" TEXT NOT NULL,
    "contact_id" INTEGER NOT NULL,
    "conversation_id" INTEGER,
    "after_id" INTEGER NOT NULL,
    "tries" INTEGER NOT NULL DEFAULT 1,
    "lease_epoch" INTEGER NOT NULL,
    "sent_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "bridge_postings_pkey" PRIMARY KEY ("integration_id","kind","key")
);

-- AddForeignKey
ALTER TABLE "bridge_postings" ADD CONSTRAINT "bridge_postings_integration_id_fkey" FOREIGN KEY ("integration_id") REFERENCES "bridge_integrations"("id") ON DELETE CASCADE ON UPDATE CASCADE;
