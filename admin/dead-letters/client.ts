import { z } from 'zod';
import {
  type DeadLetter,
  type DeadLetterQuery,
  deadLetterSchema,
  deadLettersSchema,
} from '../../shared/contracts/dead-letters.ts';
import type { AskBridge, Asked } from '../bridge-questions.ts';

export interface DeadLetterClient {
  list(query: DeadLetterQuery): Promise<Asked<{ letters: DeadLetter[]; next: string | undefined }>>;
  get(id: string): Promise<Asked<DeadLetter>>;
  resend(id: string): Promise<Asked<unknown>>;
  discard(id: string): Promise<Asked<unknown>>;
}

/** They are in the bridge's database, which may be another one than ours: so the bridge is asked. */
export function createDeadLetterClient(ask: AskBridge): DeadLetterClient {
  const absentCode = 'dead_letter_not_found';
  const one = (id: string): string => `/v1/dead-letters/${encodeURIComponent(id)}`;
  const answer = z.unknown();
  return {
    async list(query) {
      const given = Object.entries(query).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
      const asked = await ask({
        method: 'GET',
        path: `/v1/dead-letters?${new URLSearchParams(given)}`,
        answer: deadLettersSchema,
      });
      if (asked.kind !== 'ok') return asked;
      return { kind: 'ok', value: { letters: asked.value.dead_letters, next: asked.value.next ?? undefined } };
    },
    get: (id) => ask({ method: 'GET', path: one(id), absentCode, answer: deadLetterSchema }),
    resend: (id) => ask({ method: 'POST', path: `${one(id)}/resend`, absentCode, answer }),
    discard: (id) => ask({ method: 'DELETE', path: one(id), absentCode, answer }),
  };
}
