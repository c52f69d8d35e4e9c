import { z } from 'zod';
import { cloud } from './cloud/engine.ts';
import type { Engine } from './engine.ts';
import { evolution } from './evolution/engine.ts';
import { gowa } from './gowa/engine.ts';
import { ryzeapi } from './ryzeapi/engine.ts';
import { waha } from './waha/engine.ts';
import { whatsmeow } from './whatsmeow/engine.ts';

/** The engines there are. Another one is a folder beside `ryzeapi/` and a line here. */
const engines = { ryzeapi, evolution, cloud, waha, whatsmeow, gowa } as const satisfies Record<string, Engine>;

export type EngineKind = keyof typeof engines;
export const DEFAULT_ENGINE_KIND: EngineKind = 'ryzeapi';

const isEngineKind = (text: string): text is EngineKind => Object.hasOwn(engines, text);
export const engineKinds: readonly EngineKind[] = Object.keys(engines).filter(isEngineKind);
export const engineKindSchema = z.enum(engineKinds, { error: `must be ${engineKinds.join(' or ')}` });

/** The engine of a kind, as it stands in a row. Throws for one that only a newer version can have written. */
export function engineOf(kind: string): Engine {
  if (!isEngineKind(kind)) throw new Error(`this version of Ponte has no engine of the kind ${kind}`);
  return engines[kind];
}
