import { expect, it } from 'vitest';
import { engineOf } from '../../shared/engines/registry.ts';
import { ENGINE_EXAMPLES, EXAMPLE_NAMES, EXAMPLE_SECRET } from '../support/engine-examples/index.ts';

it.each(ENGINE_EXAMPLES)('$kind tells $title, and nothing secret of it is stored', ({ kind, body, events }) => {
  const engine = engineOf(kind);
  const stored = engine.unpack({ body, rawBody: Buffer.alloc(0), headers: {}, name: EXAMPLE_NAMES[kind] });
  // It is JSON in between.
  const text = JSON.stringify(stored);
  const read = (JSON.parse(text) as unknown[]).map((payload) => {
    const parsed = engine.readEvent(payload);
    return parsed.ok ? parsed.event : parsed.fault;
  });
  expect(read).toHaveLength(events.length);
  expect(read).toMatchObject(events);
  expect(text).not.toContain(EXAMPLE_SECRET);
});
