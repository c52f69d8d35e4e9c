-- Up to which of Chatwoot's messages the bridge has looked for what it was not told.

-- AlterTable
ALTER TABLE "bridge_integrations" ADD COLUMN     "caught_up_to" INTEGER;
