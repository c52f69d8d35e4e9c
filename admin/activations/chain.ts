import type { ActivationTrace } from '../../shared/activations/trace.ts';
import { type Html, html } from '../html.ts';

const HOPS = [
  ['queue', 'waiting in the queue'],
  ['bridge', 'bridge'],
  ['chatwoot', 'Chatwoot'],
  ['store', 'recording the outcome'],
] as const;

/** The time one try took as a bar, hop by hop; its width is that try's, so bars of two tries cannot be compared. */
export function chainOf({ queueWaitMs, bridgeMs = 0, chatwootMs = 0, storeMs = 0 }: ActivationTrace[number]): Html {
  const spans = {
    queue: queueWaitMs,
    bridge: Math.max(0, bridgeMs - chatwootMs),
    chatwoot: Math.min(chatwootMs, bridgeMs),
    store: storeMs,
  };
  const total = Math.max(
    1,
    Object.values(spans).reduce((sum, span) => sum + span, 0),
  );
  let x = 0;
  const bars = HOPS.map(([hop, name]) => {
    const width = (spans[hop] / total) * 100;
    const bar = html`<rect class="${hop}" x="${x.toFixed(2)}%" width="${width.toFixed(2)}%" height="100%"><title>${name}: ${spans[hop]} ms</title></rect>`;
    x += width;
    return bar;
  });
  return html`<svg class="chain" role="img" aria-label="${HOPS.map(([hop, name]) => `${name} ${spans[hop]} ms`).join(', ')}">${bars}</svg>`;
}

export const legend: Html = html`<p class="legend muted">${HOPS.map(
  ([hop, name]) => html`<svg aria-hidden="true"><rect class="${hop}" width="100%" height="100%"></rect></svg>${name}`,
)}</p>`;
