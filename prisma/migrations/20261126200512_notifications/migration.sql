-- Who is told of what happens, what is on its way to them, and what of it the bridge has to tell first.

-- CreateEnum
CREATE TYPE "notification_state" AS ENUM ('pending', 'delivered', 'failed');

-- CreateTable
CREATE TABLE "notification_endpoints" (
    "id" TEXT NOT NULL,
    "account_id" TEXT,
    "url" TEXT NOT NULL DEFAULT '',
    "events" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "disabled_reason" TEXT NOT NULL DEFAULT '',
    "failing_since" TIMESTAMPTZ(3),
    "secret" TEXT NOT NULL DEFAULT '',
    "previous_secret" TEXT,
    "previous_secret_ends_at" TIMESTAMPTZ(3),
    "next_mail_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "mail_failures" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "notification_endpoints_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "notification_deliveries" (
    "endpoint_id" TEXT NOT NULL,
    "event_id" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "instance_id" TEXT,
    "facts" JSONB NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "state" "notification_state" NOT NULL DEFAULT 'pending',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "last_status" INTEGER,
    "last_detail" TEXT NOT NULL DEFAULT '',
    "last_attempt_at" TIMESTAMPTZ(3),
    "next_attempt_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "pending_since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "claimed_until" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "notification_deliveries_pkey" PRIMARY KEY ("endpoint_id","event_id")
);

-- CreateTable
CREATE TABLE "bridge_notifications" (
    "id" TEXT NOT NULL,
    "integration_id" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "facts" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "fetched_at" TIMESTAMPTZ(3),

    CONSTRAINT "bridge_notifications_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "notification_endpoints_account_id_idx" ON "notification_endpoints"("account_id");

-- CreateIndex
CREATE INDEX "notification_deliveries_instance_id_idx" ON "notification_deliveries"("instance_id");

-- CreateIndex
CREATE INDEX "notification_deliveries_occurred_at_idx" ON "notification_deliveries"("occurred_at");

-- CreateIndex
CREATE INDEX "bridge_notifications_integration_id_idx" ON "bridge_notifications"("integration_id");

-- CreateIndex
CREATE INDEX "bridge_notifications_created_at_idx" ON "bridge_notifications"("created_at");

-- AddForeignKey
ALTER TABLE "notification_endpoints" ADD CONSTRAINT "notification_endpoints_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notification_deliveries" ADD CONSTRAINT "notification_deliveries_endpoint_id_fkey" FOREIGN KEY ("endpoint_id") REFERENCES "notification_endpoints"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bridge_notifications" ADD CONSTRAINT "bridge_notifications_integration_id_fkey" FOREIGN KEY ("integration_id") REFERENCES "bridge_integrations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What is due; only what is on its way is in it.
CREATE INDEX "notification_deliveries_due" ON "notification_deliveries"("endpoint_id", "next_attempt_at") WHERE "state" = 'pending';

-- Has everybody told who wants to hear of it. Where nobody does, nothing is written. An endpoint does not hear of what was before it.
CREATE FUNCTION notify_endpoints(told_id text, told_type text, told_instance text, told_facts jsonb, told_at timestamptz DEFAULT now())
RETURNS void LANGUAGE sql AS $$
  INSERT INTO notification_deliveries (endpoint_id, event_id, type, instance_id, facts, occurred_at)
  SELECT e.id, told_id, told_type, i.id,
         told_facts || jsonb_build_object('account', a.name, 'instance', i.name, 'instance_id', i.id), told_at
    FROM instances i
    JOIN accounts a ON a.id = i.account_id
    JOIN notification_endpoints e ON e.account_id = i.account_id OR e.account_id IS NULL
   WHERE i.id = told_instance AND e.enabled AND e.created_at <= told_at
     AND (e.events = '{}' OR told_type = ANY (e.events))
  ON CONFLICT DO NOTHING
$$;

-- Triggers, so that whoever changes a state, in whichever room and version, need not know of it; with the change it is there, or neither is.
-- Only on updates: putting a backup back tells nobody of anything.

CREATE FUNCTION tell_activation_finished() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM notify_endpoints('evt_' || substr(NEW.id, 5), 'activation.finished', NEW.instance_id, jsonb_build_object(
    'activation_id', NEW.id, 'outcome', NEW.state, 'code', NEW.error ->> 'code', 'message', NEW.error ->> 'message',
    'inbox', (SELECT jsonb_build_object('id', c.chatwoot_inbox_id, 'name', c.chatwoot_inbox_name) FROM chatwoot_integrations c
               WHERE c.instance_id = NEW.instance_id AND c.activation_id = NEW.id AND c.chatwoot_inbox_id > 0)));
  RETURN NULL;
END $$;

CREATE TRIGGER activation_finished AFTER UPDATE OF state ON activations FOR EACH ROW
  WHEN (OLD.state IN ('pending', 'running') AND NEW.state IN ('succeeded', 'failed'))
  EXECUTE FUNCTION tell_activation_finished();

CREATE FUNCTION tell_instance_disconnected() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM notify_endpoints('evt_' || replace(gen_random_uuid()::text, '-', ''), 'instance.disconnected', NEW.id,
    jsonb_build_object('code', NEW.connection_state));
  RETURN NULL;
END $$;

-- One that was never connected has nothing to lose; of one that is told to be away already only what nothing but a person can mend is news.
CREATE TRIGGER instance_disconnected AFTER UPDATE OF connection_state ON instances FOR EACH ROW
  WHEN (NEW.connection_state NOT IN ('', 'connected') AND NEW.connection_state <> OLD.connection_state
    AND (OLD.connection_state = 'connected' OR (OLD.connection_state <> '' AND NEW.connection_state IN ('logged_out', 'temp_banned'))))
  EXECUTE FUNCTION tell_instance_disconnected();

-- A trouble that is over before anybody has fetched it is told to nobody, and neither is a recovery that did not last: the one takes the
-- other back. So what is told is an error, its recovery, the next error, and so on.
CREATE FUNCTION tell_integration_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM bridge_notifications
   WHERE integration_id = NEW.id AND fetched_at IS NULL AND type IN ('integration.error', 'integration.recovered');
  IF NOT FOUND THEN
    INSERT INTO bridge_notifications (id, integration_id, type) VALUES ('evt_' || replace(gen_random_uuid()::text, '-', ''), NEW.id,
      CASE NEW.status WHEN 'error' THEN 'integration.error' ELSE 'integration.recovered' END);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER integration_status AFTER UPDATE OF status ON bridge_integrations FOR EACH ROW
  WHEN (NEW.state = 'active' AND (OLD.status = 'error') <> (NEW.status = 'error'))
  EXECUTE FUNCTION tell_integration_status();
