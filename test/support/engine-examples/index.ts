import { cloud } from './cloud.ts';
import { evolution } from './evolution.ts';
import type { EngineExample } from './example.ts';
import { gowa } from './gowa.ts';
import { waha } from './waha.ts';
import { whatsmeow } from './whatsmeow.ts';

export { type EngineExample, EXAMPLE_NAMES, EXAMPLE_SECRET } from './example.ts';

/** What each engine delivers, as its documents and its source show it. */
export const ENGINE_EXAMPLES: readonly EngineExample[] = [...evolution, ...cloud, ...waha, ...whatsmeow, ...gowa];
