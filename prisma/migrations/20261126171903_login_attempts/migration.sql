-- CreateTable
CREATE TABLE "login_attempts" (
    "network_hash" TEXT NOT NULL,
    "count" INTEGER NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "login_attempts_pkey" PRIMARY KEY ("network_hash")
);

-- CreateIndex
CREATE INDEX "login_attempts_ends_at_idx" ON "login_attempts"("ends_at");
