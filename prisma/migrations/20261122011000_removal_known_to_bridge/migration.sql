-- AlterTable
ALTER TABLE "removals" ADD COLUMN     "known_to_bridge" BOOLEAN NOT NULL DEFAULT false;
