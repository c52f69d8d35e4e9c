-- Tokens can be renewed, the one before staying valid for a while, and revoked.

-- AlterTable
ALTER TABLE "accounts" ADD COLUMN     "previous_token_ends_at" TIMESTAMPTZ(3),
ADD COLUMN     "previous_token_hash" TEXT,
ADD COLUMN     "token_revoked_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "instances" ADD COLUMN     "previous_token_ends_at" TIMESTAMPTZ(3),
ADD COLUMN     "previous_token_hash" TEXT,
ADD COLUMN     "token_revoked_at" TIMESTAMPTZ(3);

-- CreateIndex
CREATE UNIQUE INDEX "accounts_previous_token_hash_key" ON "accounts"("previous_token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "instances_previous_token_hash_key" ON "instances"("previous_token_hash");
