-- AlterTable
ALTER TABLE "bridge_integrations" ADD COLUMN     "made_by_key" TEXT;

-- CreateIndex
CREATE UNIQUE INDEX "bridge_integrations_made_by_key_key" ON "bridge_integrations"("made_by_key");
