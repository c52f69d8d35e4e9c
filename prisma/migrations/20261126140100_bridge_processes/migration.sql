CREATE TABLE "bridge_processes" (
    "owner" TEXT NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "bridge_processes_pkey" PRIMARY KEY ("owner")
);

CREATE INDEX "bridge_integrations_lease_owner_idx" ON "bridge_integrations"("lease_owner");
