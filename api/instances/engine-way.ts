import type { PrismaClient } from '../../shared/database/database.ts';
import type { Keyring } from '../../shared/encryption/keyring.ts';
import { openDeliveryKey } from '../../shared/engines/delivery-key.ts';
import type { EngineCall } from '../../shared/engines/engine.ts';
import type { OpenEngine } from '../../shared/engines/open-engine.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { EngineDirectory } from '../messages/engine-directory.ts';
import { API_LIMITS } from '../timeouts.ts';

/** Whether events find their way from the engine to us; `ok` is null where the engine cannot be asked. */
export interface EngineWayFound {
  readonly ok: boolean | null;
  readonly message: string;
  readonly warnings: readonly string[];
}

/** Asks an instance's engine where it delivers, and how the phone is. Rejects only where the database is away. */
export type EngineWay = (instanceId: string) => Promise<EngineWayFound>;

export function createEngineWay(deps: { prisma: PrismaClient; keyring: Keyring; engines: EngineDirectory }): EngineWay {
  const { prisma, keyring } = deps;

  async function keyOf(id: string): Promise<string | undefined> {
    const row = await prisma.instance.findUnique({ where: { id }, select: { deliveryKey: true } });
    return row?.deliveryKey ? openDeliveryKey(keyring, id, row.deliveryKey).key : undefined;
  }

  async function ask(instanceId: string, { engine, access, name }: OpenEngine & { name: string }): Promise<EngineWayFound> {
    const call: EngineCall = { access, instance: name, timeoutMs: API_LIMITS.askEngineMs };
    const [checked, found] = await Promise.all([engine.check?.(call), engine.webhook?.read(call)]);
    const warnings = [...new Set([checked, found].flatMap((answer) => (answer && 'warnings' in answer ? answer.warnings : [])))];
    for (const answer of [checked, found]) {
      if (answer?.kind === 'failed') return { ok: false, message: answer.error.message, warnings };
    }
    if (checked?.kind === 'found' && checked.phone !== undefined && checked.phone !== 'connected') {
      return { ok: false, message: `the phone is not connected to WhatsApp (${checked.phone}) — pair it again`, warnings };
    }
    if (found?.kind !== 'webhook') {
      return { ok: null, message: `${engine.setup.title} cannot be asked where it delivers its events`, warnings };
    }
    const key = await keyOf(instanceId);
    if (key !== undefined && found.address?.includes(key)) {
      return { ok: true, message: 'the engine delivers its events to Ponte', warnings };
    }
    const where = found.address === undefined ? 'nowhere' : 'to another address';
    return {
      ok: false,
      message: `the engine delivers its events ${where} — activate the instance again, which sets its webhook`,
      warnings,
    };
  }

  return async (instanceId) => {
    try {
      return await ask(instanceId, await deps.engines.find(instanceId));
    } catch (error) {
      if (error instanceof PonteError) return { ok: false, message: error.message, warnings: [] };
      throw error;
    }
  };
}
