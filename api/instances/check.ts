import { z } from 'zod';
import type { AccountCall, InstanceCall } from '../auth/guards.ts';
import { INSTANCE_NAME } from '../auth/guards.ts';
import type { ApiResponse } from '../http/context.ts';
import { readJsonBody } from '../http/json-body.ts';
import { parseBody } from '../http/validate.ts';
import type { EngineFound, EngineQuestions } from './check-engine.ts';
import { engineBodySchema } from './engine-body.ts';
import { newEngine } from './engine-settings.ts';
import { newInstanceBodySchema } from './new-body.ts';

/** The body of `POST /api/instance/check`: that of `new`, as far as it speaks of the engine. */
export const checkEngineBodySchema = z.object({
  name: z
    .string({ error: 'must be text' })
    .regex(INSTANCE_NAME, 'must have 1 to 100 letters, digits, _ or -')
    .nullish()
    .meta({ description: 'Name the instance is to have, where that is also its name in the engine.' }),
  ...newInstanceBodySchema.pick({ engineKind: true, engineUrl: true, engineToken: true }).shape,
  engine: engineBodySchema.nullish(),
});

/** `POST /api/instance/check`: whether these settings lead to an engine that takes them, and how the phone is. Nothing is stored. */
export function createCheckSettings({ questions }: { questions: EngineQuestions }) {
  return async ({ request, response }: AccountCall): Promise<void> => {
    const body = parseBody(checkEngineBodySchema, await readJsonBody(request, response));
    answer(response, await questions.checkSettings(newEngine(body), body.name ?? 'check'));
  };
}

/** `POST /api/instance/check/:instance`: the same of the engine that an instance has. */
export function createCheckInstance({ questions }: { questions: EngineQuestions }) {
  return async ({ response, instance }: InstanceCall): Promise<void> =>
    answer(response, await questions.checkInstance(instance.id));
}

/** `GET /api/instance/qr/:instance`: what to scan, or type, on the phone. */
export function createQr({ questions }: { questions: EngineQuestions }) {
  return async ({ response, instance }: InstanceCall): Promise<void> => {
    const pairing = await questions.pair(instance.id);
    response.setHeader('Cache-Control', 'no-store');
    const status = pairing.kind === 'connected' ? 'connected' : 'waiting';
    response.json({
      success: true,
      status,
      qr: pairing.kind === 'qr' ? pairing.qr : null,
      qr_image_base64: pairing.kind === 'image' ? pairing.base64 : null,
      code: pairing.kind === 'connected' ? null : (pairing.code ?? null),
    });
  };
}

function answer(response: ApiResponse, { phone, told, number, warnings }: EngineFound): void {
  response.json({
    success: true,
    message:
      phone === undefined || phone === 'connected'
        ? 'the engine takes these settings'
        : `the engine takes these settings, but the phone is not connected (${phone}) — pair it`,
    connection: { state: phone ?? 'unknown', told, number: number ?? null },
    warnings,
  });
}
