-- CreateEnum
CREATE TYPE "activation_state" AS ENUM ('pending', 'running', 'succeeded', 'failed');

-- CreateEnum
CREATE TYPE "integration_status" AS ENUM ('active', 'paused', 'error');

-- CreateEnum
CREATE TYPE "removal_state" AS ENUM ('pending', 'done', 'dead');

-- CreateEnum
CREATE TYPE "removal_reason" AS ENUM ('deactivated', 'superseded', 'activation_failed', 'instance_deleted');

-- CreateEnum
CREATE TYPE "bridge_integration_state" AS ENUM ('creating', 'active', 'superseded', 'removing', 'removed');

-- CreateTable
CREATE TABLE "accounts" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "token_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "accounts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "instances" (
    "id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "token_hash" TEXT NOT NULL,
    "engine_url" TEXT,
    "engine_token" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "instances_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "activations" (
    "id" TEXT NOT NULL,
    "instance_id" TEXT NOT NULL,
    "state" "activation_state" NOT NULL DEFAULT 'pending',
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "request_hash" TEXT NOT NULL,
    "idempotency_key" TEXT,
    "settings" JSONB NOT NULL,
    "chatwoot_token" TEXT,
    "bridge_integration_id" TEXT,
    "error" JSONB,
    "trace" JSONB NOT NULL DEFAULT '[]',
    "request_id" TEXT,
    "deadline_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "activations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "chatwoot_integrations" (
    "id" TEXT NOT NULL,
    "instance_id" TEXT NOT NULL,
    "bridge_integration_id" TEXT NOT NULL,
    "chatwoot_base_url" TEXT NOT NULL,
    "chatwoot_account_id" INTEGER NOT NULL,
    "chatwoot_token" TEXT NOT NULL,
    "chatwoot_inbox_id" INTEGER NOT NULL DEFAULT 0,
    "chatwoot_inbox_name" TEXT NOT NULL,
    "sign_messages" BOOLEAN NOT NULL,
    "ignore_groups" BOOLEAN NOT NULL,
    "start_as_pending" BOOLEAN NOT NULL,
    "reopen_resolved" BOOLEAN NOT NULL,
    "status" "integration_status" NOT NULL DEFAULT 'active',
    "last_error" TEXT NOT NULL DEFAULT '',
    "activation_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "chatwoot_integrations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "removals" (
    "id" TEXT NOT NULL,
    "instance_id" TEXT NOT NULL,
    "instance_name" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "bridge_integration_id" TEXT,
    "activation_id" TEXT,
    "reason" "removal_reason" NOT NULL,
    "state" "removal_state" NOT NULL DEFAULT 'pending',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "last_error" TEXT NOT NULL DEFAULT '',
    "next_attempt_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "removals_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "bridge_integrations" (
    "id" TEXT NOT NULL,
    "instance_id" TEXT NOT NULL,
    "instance_name" TEXT NOT NULL,
    "idempotency_key" TEXT NOT NULL,
    "state" "bridge_integration_state" NOT NULL DEFAULT 'creating',
    "status" "integration_status" NOT NULL DEFAULT 'active',
    "last_error" TEXT NOT NULL DEFAULT '',
    "ryzeapi_url" TEXT NOT NULL,
    "chatwoot_base_url" TEXT NOT NULL,
    "chatwoot_account_id" INTEGER NOT NULL,
    "chatwoot_token" TEXT NOT NULL,
    "inbox_id" INTEGER,
    "inbox_name" TEXT NOT NULL,
    "sign_messages" BOOLEAN NOT NULL,
    "ignore_groups" BOOLEAN NOT NULL,
    "start_as_pending" BOOLEAN NOT NULL,
    "reopen_resolved" BOOLEAN NOT NULL,
    "webhook_key_hash" TEXT NOT NULL,
    "webhook_key" TEXT NOT NULL,
    "webhook_secret" TEXT,
    "replaces_id" TEXT,
    "create_sent_at" TIMESTAMPTZ(3),
    "event_cursor" BIGINT NOT NULL DEFAULT 0,
    "last_to_chatwoot_at" TIMESTAMPTZ(3),
    "last_to_whatsapp_at" TIMESTAMPTZ(3),
    "lease_owner" TEXT,
    "lease_until" TIMESTAMPTZ(3),
    "lease_epoch" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "bridge_integrations_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "accounts_name_key" ON "accounts"("name");

-- CreateIndex
CREATE UNIQUE INDEX "accounts_token_hash_key" ON "accounts"("token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "instances_token_hash_key" ON "instances"("token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "instances_account_id_name_key" ON "instances"("account_id", "name");

-- CreateIndex
CREATE INDEX "activations_instance_id_created_at_idx" ON "activations"("instance_id", "created_at");

-- CreateIndex
CREATE INDEX "activations_state_created_at_idx" ON "activations"("state", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "activations_instance_id_idempotency_key_key" ON "activations"("instance_id", "idempotency_key");

-- CreateIndex
CREATE UNIQUE INDEX "chatwoot_integrations_instance_id_key" ON "chatwoot_integrations"("instance_id");

-- CreateIndex
CREATE UNIQUE INDEX "chatwoot_integrations_bridge_integration_id_key" ON "chatwoot_integrations"("bridge_integration_id");

-- CreateIndex
CREATE INDEX "removals_state_next_attempt_at_idx" ON "removals"("state", "next_attempt_at");

-- CreateIndex
CREATE INDEX "removals_instance_id_idx" ON "removals"("instance_id");

-- CreateIndex
CREATE UNIQUE INDEX "bridge_integrations_idempotency_key_key" ON "bridge_integrations"("idempotency_key");

-- CreateIndex
CREATE UNIQUE INDEX "bridge_integrations_webhook_key_hash_key" ON "bridge_integrations"("webhook_key_hash");

-- CreateIndex
CREATE INDEX "bridge_integrations_instance_id_idx" ON "bridge_integrations"("instance_id");

-- CreateIndex
CREATE INDEX "bridge_integrations_state_lease_until_idx" ON "bridge_integrations"("state", "lease_until");

-- AddForeignKey
ALTER TABLE "instances" ADD CONSTRAINT "instances_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "activations" ADD CONSTRAINT "activations_instance_id_fkey" FOREIGN KEY ("instance_id") REFERENCES "instances"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "chatwoot_integrations" ADD CONSTRAINT "chatwoot_integrations_instance_id_fkey" FOREIGN KEY ("instance_id") REFERENCES "instances"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- One unfinished activation per instance. Prisma cannot express a partial index, so it is only here.
CREATE UNIQUE INDEX "activations_one_unfinished_per_instance" ON "activations"("instance_id") WHERE "state" IN ('pending', 'running');
