-- The release of a Chatwoot that is older than those Ponte is held by: whoever activates is told.

-- AlterTable
ALTER TABLE "activations" ADD COLUMN     "old_release" TEXT;
