// What storing one event and storing several have in common.

/**
 * Whether anybody will ever fetch the events of an instance. With the OFFSET it is looked up for each: for several PostgreSQL would rather read all
 * that there are.
 */
export const isWanted = (instanceId: string): string => `(
  EXISTS (SELECT FROM chatwoot_integrations WHERE instance_id = ${instanceId} OFFSET 0)
  OR EXISTS (SELECT FROM activations WHERE instance_id = ${instanceId} AND state IN ('pending', 'running') OFFSET 0))`;

/**
 * What so many events set in the row of their instance. The longest silence of the engine fades with every event, so that one night without a
 * network is forgotten.
 */
export const notedOf = ({ count, showsConnection }: Readonly<Record<'count' | 'showsConnection', string>>): string => `
  last_sequence = last_sequence + ${count}, last_event_at = now(),
  usual_silence = greatest(coalesce(extract(epoch FROM now() - last_event_at), 0), usual_silence * power(0.995, ${count})),
  connection_state = CASE WHEN ${showsConnection} AND connection_state = '' THEN 'connected' ELSE connection_state END,
  connection_changed_at = CASE WHEN ${showsConnection} AND connection_state = '' THEN now() ELSE connection_changed_at END`;
