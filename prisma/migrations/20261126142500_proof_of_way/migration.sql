-- The way from Chatwoot to the bridge: until when its next webhook is the proof that it can be gone, and when it last was.

-- AlterTable
ALTER TABLE "bridge_integrations" ADD COLUMN "proof_awaited_until" TIMESTAMPTZ(3),
ADD COLUMN "proven_at" TIMESTAMPTZ(3);
