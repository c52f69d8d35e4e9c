import type { PrismaClient } from '../../shared/database/database.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { releaseAfter } from '../../shared/memory/body-budget.ts';
import { byteBudget } from '../../shared/memory/byte-budget.ts';
import { INSTANCE_NAME } from '../auth/guards.ts';
import type { Handler } from '../http/context.ts';

/**
 * `GET /api/events/stored/:instance/:sequence`, with BRIDGE_TOKEN: the whole of an event of which the stream has told the outline; `:instance`
 * is its id. Throws PonteError `event_gone` for one that was acknowledged meanwhile.
 */
export function createStoredEvent({ prisma }: { prisma: PrismaClient }): Handler {
  return async (request, response) => {
    const kind = response.locals.caller?.kind ?? 'anonymous';
    if (kind !== 'bridge') throw new PonteError(kind === 'anonymous' ? 'missing_token' : 'invalid_token');
    const instanceId = String(request.params.instance);
    const sequence = Number(request.params.sequence);
    if (!INSTANCE_NAME.test(instanceId) || !Number.isSafeInteger(sequence)) throw new PonteError('event_gone');
    const where = { instanceId_sequence: { instanceId, sequence } };
    const event = await prisma.engineEvent.findUnique({ where, select: { payloadBytes: true } });
    const allotment = byteBudget.open('bridge');
    releaseAfter(response, allotment);
    await allotment.more(event?.payloadBytes ?? 0);
    if (response.destroyed) return;
    const whole = await prisma.engineEvent.findUnique({ where, select: { payload: true } });
    const payload = whole?.payload ?? undefined;
    if (payload === undefined) throw new PonteError('event_gone');
    response.type('json').send(payload);
  };
}
