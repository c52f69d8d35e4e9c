-- The end of an activation cost PostgreSQL half as much again for a notification that nobody is to get. It plans the body of an SQL function at
-- each call, that of a PL/pgSQL function once a connection. What the functions do stays as it was.
CREATE OR REPLACE FUNCTION notify_endpoints(told_id text, told_type text, told_instance text, told_facts jsonb, told_at timestamptz DEFAULT now())
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO notification_deliveries (endpoint_id, event_id, type, instance_id, facts, occurred_at)
  SELECT e.id, told_id, told_type, i.id,
         told_facts || jsonb_build_object('account', a.name, 'instance', i.name, 'instance_id', i.id), told_at
    FROM instances i
    JOIN accounts a ON a.id = i.account_id
    JOIN notification_endpoints e ON e.account_id = i.account_id OR e.account_id IS NULL
   WHERE i.id = told_instance AND e.enabled AND e.created_at <= told_at
     AND (e.events = '{}' OR told_type = ANY (e.events))
  ON CONFLICT DO NOTHING;
END $$;

-- What is told is put together only where somebody is told.
CREATE OR REPLACE FUNCTION tell_activation_finished() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM instances i JOIN notification_endpoints e ON e.account_id = i.account_id OR e.account_id IS NULL
              WHERE i.id = NEW.instance_id AND e.enabled AND (e.events = '{}' OR 'activation.finished' = ANY (e.events))) THEN
    PERFORM notify_endpoints('evt_' || substr(NEW.id, 5), 'activation.finished', NEW.instance_id, jsonb_build_object(
      'activation_id', NEW.id, 'outcome', NEW.state, 'code', NEW.error ->> 'code', 'message', NEW.error ->> 'message',
      'inbox', (SELECT jsonb_build_object('id', c.chatwoot_inbox_id, 'name', c.chatwoot_inbox_name) FROM chatwoot_integrations c
                 WHERE c.instance_id = NEW.instance_id AND c.activation_id = NEW.id AND c.chatwoot_inbox_id > 0)));
  END IF;
  RETURN NULL;
END $$;
