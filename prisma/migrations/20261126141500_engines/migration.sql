-- What an instance's engine needs beside address and token, where it delivers events, what stood there before, and how the phone's
-- connection is.

-- CreateEnum
CREATE TYPE "engine_webhook_wish" AS ENUM ('ours', 'restored');

-- AlterTable
ALTER TABLE "engine_events" ADD COLUMN "engine_kind" TEXT;

-- AlterTable
ALTER TABLE "instances" ADD COLUMN "connection_changed_at" TIMESTAMPTZ(3),
ADD COLUMN "connection_check_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
ADD COLUMN "connection_state" TEXT NOT NULL DEFAULT '',
ADD COLUMN "connection_told" TEXT NOT NULL DEFAULT '',
ADD COLUMN "delivery_key" TEXT,
ADD COLUMN "delivery_key_hash" TEXT,
ADD COLUMN "engine_name" TEXT,
ADD COLUMN "engine_secret" TEXT,
ADD COLUMN "last_event_at" TIMESTAMPTZ(3),
ADD COLUMN "last_unread" TEXT NOT NULL DEFAULT '',
ADD COLUMN "last_unread_at" TIMESTAMPTZ(3),
ADD COLUMN "unread_events" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN "usual_silence" DOUBLE PRECISION NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "engine_webhooks" (
    "id" TEXT NOT NULL,
    "instance_id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "engine_kind" TEXT NOT NULL,
    "engine_url" TEXT NOT NULL,
    "engine_name" TEXT NOT NULL,
    "engine_token" TEXT,
    "engine_secret" TEXT,
    "delivery_key" TEXT NOT NULL,
    "delivery_key_hash" TEXT NOT NULL,
    "wish" "engine_webhook_wish" NOT NULL DEFAULT 'ours',
    "version" INTEGER NOT NULL DEFAULT 0,
    "done_at" TIMESTAMPTZ(3),
    "previous" TEXT,
    "warnings" JSONB NOT NULL DEFAULT '[]',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "last_error" TEXT NOT NULL DEFAULT '',
    "next_attempt_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "claimed_until" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "engine_webhooks_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "engine_webhooks_due" ON "engine_webhooks"("next_attempt_at") WHERE "done_at" IS NULL;

-- CreateIndex
CREATE INDEX "instances_engine_kind_connection_check_at_idx" ON "instances"("engine_kind", "connection_check_at");

-- CreateIndex
CREATE UNIQUE INDEX "engine_webhooks_instance_id_engine_kind_engine_url_engine_n_key" ON "engine_webhooks"("instance_id", "engine_kind", "engine_url", "engine_name");

-- CreateIndex
CREATE UNIQUE INDEX "instances_delivery_key_hash_key" ON "instances"("delivery_key_hash");
