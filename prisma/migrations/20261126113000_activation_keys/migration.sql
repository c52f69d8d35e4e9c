-- Every Idempotency-Key under which a client asked for an activation: one that joins a running activation has to be remembered as well, or
-- its repetition would begin another. A key that older processes wrote stays in activations.idempotency_key.

-- CreateTable
CREATE TABLE "activation_keys" (
    "instance_id" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "activation_id" TEXT NOT NULL,

    CONSTRAINT "activation_keys_pkey" PRIMARY KEY ("instance_id","key")
);

-- CreateIndex
CREATE INDEX "activation_keys_activation_id_idx" ON "activation_keys"("activation_id");

-- AddForeignKey
ALTER TABLE "activation_keys" ADD CONSTRAINT "activation_keys_activation_id_fkey" FOREIGN KEY ("activation_id") REFERENCES "activations"("id") ON DELETE CASCADE ON UPDATE CASCADE;
