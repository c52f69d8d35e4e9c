import { DELIVERY_PATH } from '../delivery-key.ts';
import type { EngineFailure, EngineWebhook, WebhookDone } from '../engine.ts';
import { callGraph, type GraphAnswer } from './graph.ts';
import { type PhoneNumber, readNumber } from './number.ts';

/**
 * The address of one phone number, which counts before that of its business account and that of the app. Only the app that the token is of
 * hears of it, so that app is subscribed to the account as well; it stays so at the end, because other numbers may live by it.
 */
export const webhook: EngineWebhook = {
  async read(call) {
    const answer = await readNumber(call, ['webhook_configuration']);
    if (!answer.ok) return { kind: 'failed', error: answer.error };
    const configured = answer.number.webhook_configuration ?? {};
    const override = configured.phone_number || undefined;
    return {
      kind: 'webhook',
      previous: override === undefined ? undefined : { override },
      address: override ?? configured.whatsapp_business_account ?? configured.application,
      warnings: warningsOf(configured),
    };
  },

  async set(call) {
    const { access, address, secret, timeoutMs } = call;
    const answer = await readNumber(call, ['health_status']);
    if (!answer.ok) return { kind: 'failed', error: answer.error };
    const account = answer.number.health_status?.entities?.find(({ entity_type }) => entity_type === 'WABA')?.id;
    // Where the account is not told, the app has to be subscribed by hand, as it mostly is.
    if (account !== undefined) {
      const path = `${encodeURIComponent(account)}/subscribed_apps`;
      const subscribed = await callGraph(access, { method: 'POST', path, timeoutMs, isHarmless: true });
      if (!subscribed.ok) return { kind: 'failed', error: subscribed.error };
    }
    return doneOf(await override(call, address, secret));
  },

  // Empty, the address of the account or the app counts again. An earlier one of the number's own cannot be put back: Meta would ask it for
  // a word that only its owner knows, and `read` has said so.
  restore: async (call) => doneOf(await override(call, '', '')),
};

const override = (
  { access, instance, timeoutMs }: Parameters<EngineWebhook['read']>[0],
  address: string,
  word: string,
): Promise<GraphAnswer> =>
  callGraph(access, {
    method: 'POST',
    path: encodeURIComponent(instance),
    json: { webhook_configuration: { override_callback_uri: address, ...(word === '' ? {} : { verify_token: word }) } },
    timeoutMs,
    isHarmless: true,
  });

const doneOf = (answer: GraphAnswer): WebhookDone | EngineFailure =>
  answer.ok ? { kind: 'done' } : { kind: 'failed', error: answer.error };

function warningsOf(configured: NonNullable<PhoneNumber['webhook_configuration']>): string[] {
  const warnings: string[] = [];
  const own = configured.phone_number ?? '';
  if (own !== '' && !own.includes(DELIVERY_PATH)) {
    warnings.push(
      'the address that this number had before cannot be put back: only its owner knows the verify token — set it again there',
    );
  }
  const addresses = [configured.phone_number, configured.whatsapp_business_account, configured.application];
  if (addresses.some((address) => address?.includes('/webhooks/whatsapp/'))) {
    warnings.push('a WhatsApp inbox of Chatwoot itself is connected to this number and hears nothing any more — remove it');
  }
  return warnings;
}
