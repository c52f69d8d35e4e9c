import { z } from 'zod';
import type { CheckOutcome, EngineCall } from '../engine.ts';
import { refused } from '../engine-errors.ts';
import { callGraph } from './graph.ts';

const text = z.string().optional().catch(undefined);
const entitySchema = z.looseObject({
  entity_type: text,
  id: text,
  can_send_message: text,
  errors: z
    .array(z.looseObject({ error_description: text, possible_solution: text }))
    .optional()
    .catch(undefined),
});
const numberSchema = z.looseObject({
  display_phone_number: text,
  verified_name: text,
  quality_rating: text,
  platform_type: text,
  status: text,
  webhook_configuration: z
    .looseObject({ phone_number: text, whatsapp_business_account: text, application: text })
    .optional()
    .catch(undefined),
  health_status: z
    .looseObject({ can_send_message: text, entities: z.array(entitySchema).optional().catch(undefined) })
    .optional()
    .catch(undefined),
});
export type PhoneNumber = z.output<typeof numberSchema>;

/** What the API tells of a phone number. */
export async function readNumber({ access, instance, timeoutMs }: EngineCall, fields: readonly string[]) {
  const path = `${encodeURIComponent(instance)}?fields=${fields.join(',')}`;
  const answer = await callGraph(access, { method: 'GET', path, timeoutMs, isHarmless: true });
  if (!answer.ok) return answer;
  const number = numberSchema.safeParse(answer.json).data;
  return number === undefined
    ? ({ ok: false, error: refused('the Cloud API does not answer with a phone number', access) } as const)
    : ({ ok: true, number } as const);
}

const CHECKED = ['display_phone_number', 'verified_name', 'quality_rating', 'platform_type', 'status', 'health_status'] as const;

/** Whether the token opens this number, and what stands in the way of sending from it. */
export async function check(call: EngineCall): Promise<CheckOutcome> {
  const answer = await readNumber(call, CHECKED);
  if (!answer.ok) return { kind: 'failed', error: answer.error };
  const { number } = answer;
  const isRegistered = number.platform_type === undefined ? undefined : number.platform_type === 'CLOUD_API';
  return {
    kind: 'found',
    phone: isRegistered === undefined ? undefined : isRegistered ? 'connected' : 'disconnected',
    told: number.status ?? number.platform_type ?? 'found',
    number: number.display_phone_number?.replace(/\D/g, '') || undefined,
    warnings: warningsOf(number, isRegistered),
  };
}

function warningsOf(number: PhoneNumber, isRegistered: boolean | undefined): string[] {
  const warnings: string[] = [];
  if (isRegistered === false) {
    warnings.push('the phone number is not registered with the Cloud API — register it in the WhatsApp Manager');
  }
  if (number.quality_rating === 'RED') {
    warnings.push('WhatsApp rates the quality of this number as low, and may restrict it');
  }
  for (const { entity_type, can_send_message, errors } of number.health_status?.entities ?? []) {
    if (can_send_message !== 'BLOCKED') continue;
    const [error] = errors ?? [];
    const told = [error?.error_description, error?.possible_solution].filter(Boolean).join(' ');
    warnings.push(`sending is blocked by the ${(entity_type ?? 'account').toLowerCase()}: ${told || 'see the WhatsApp Manager'}`);
  }
  return warnings;
}
