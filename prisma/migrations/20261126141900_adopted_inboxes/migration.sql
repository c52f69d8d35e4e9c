-- AlterTable
ALTER TABLE "bridge_integrations" ADD COLUMN     "adopted_at" TIMESTAMPTZ(3),
ADD COLUMN     "adopted_inbox_id" INTEGER,
ADD COLUMN     "adopted_webhook_url" TEXT;
