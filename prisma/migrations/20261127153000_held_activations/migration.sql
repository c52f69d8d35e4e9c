-- Until then an activation has no job in the queue: an api holds it back, because many against the same Chatwoot are under way.

-- AlterTable
ALTER TABLE "activations" ADD COLUMN     "held_until" TIMESTAMPTZ(3);
