import { createHmac } from 'node:crypto';
import { ACCOUNT, type RepliesFixture } from './replies-fixture.ts';

/** Sends a webhook as Chatwoot would, signed with the secret that the inbox has now; `headers` replace what it would send. */
export function signed(
  fixture: RepliesFixture,
  body: string,
  { headers = {}, timestamp = Math.floor(Date.now() / 1_000) }: { headers?: Record<string, string>; timestamp?: number } = {},
): Promise<Response> {
  const secret = fixture.chatwoot.state.inboxes(ACCOUNT).find(({ id }) => id === fixture.inboxId)?.secret ?? '';
  const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  return unsigned(fixture, body, {
    'x-chatwoot-timestamp': String(timestamp),
    'x-chatwoot-signature': `sha256=${signature}`,
    ...headers,
  });
}

export const unsigned = (fixture: RepliesFixture, body: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${fixture.bridgeUrl}${fixture.webhookPath}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
    signal: AbortSignal.timeout(10_000),
  });

/** The body of an agent's message, without what does not matter here. */
export const messageBody = (changes: Record<string, unknown> & { id: number; inboxId: number }): string => {
  const { inboxId, ...rest } = changes;
  return JSON.stringify({
    event: 'message_created',
    message_type: 'outgoing',
    private: false,
    content: 'Olá',
    content_attributes: {},
    created_at: new Date().toISOString(),
    source_id: null,
    inbox: { id: inboxId },
    sender: { id: 1, name: 'Ana', type: 'user' },
    conversation: {
      id: 1,
      contact_inbox: { source_id: '5511977770000', pubsub_token: 'pubsub-marker' },
      meta: { sender: { id: 1, name: 'Maria', phone_number: '+5511977770000', pubsub_token: 'pubsub-marker' } },
    },
    ...rest,
  });
};
