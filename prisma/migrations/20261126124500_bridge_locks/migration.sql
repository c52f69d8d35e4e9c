-- The right to change the integrations of an instance, as a row that runs out by itself: it holds no connection while Chatwoot is waited for.

-- CreateTable
CREATE TABLE "bridge_locks" (
    "instance_id" TEXT NOT NULL,
    "owner" TEXT NOT NULL,
    "fence" BIGSERIAL NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "bridge_locks_pkey" PRIMARY KEY ("instance_id")
);
