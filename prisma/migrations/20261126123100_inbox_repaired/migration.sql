-- What of an inbox was changed in Chatwoot and put right by Ponte, last.

-- AlterTable
ALTER TABLE "bridge_integrations" ADD COLUMN "inbox_repaired" TEXT NOT NULL DEFAULT '';
