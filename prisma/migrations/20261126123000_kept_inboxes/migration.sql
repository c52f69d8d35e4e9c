-- An integration that moves to another account or another Chatwoot leaves its old inbox there with its history.

-- AlterEnum
ALTER TYPE "bridge_integration_state" ADD VALUE 'left';

-- AlterTable
ALTER TABLE "bridge_integrations" ADD COLUMN "keep_inbox" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "activations" ADD COLUMN "previous_inbox" JSONB;

-- AlterTable
ALTER TABLE "chatwoot_integrations" ADD COLUMN "previous_inbox" JSONB;
