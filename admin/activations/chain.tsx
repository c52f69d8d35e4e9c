import type { ActivationTrace } from '../../shared/activations/trace.ts';
import type { Ui } from '../looks/ui.ts';

const HOPS = ['queue', 'bridge', 'chatwoot', 'store'] as const;

/** The time one try took as a bar, hop by hop; its width is that try's, so bars of two tries cannot be compared. */
export function Chain({ ui, entry }: { ui: Ui; entry: ActivationTrace[number] }) {
  const { queueWaitMs, bridgeMs = 0, chatwootMs = 0, storeMs = 0 } = entry;
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
  const bars = HOPS.map((hop) => {
    const width = (spans[hop] / total) * 100;
    const bar = (
      <rect class={hop} x={`${x.toFixed(2)}%`} width={`${width.toFixed(2)}%`} height="100%">
        <title>{`${ui.t.hops[hop]}: ${spans[hop]} ms`}</title>
      </rect>
    );
    x += width;
    return bar;
  });
  return (
    <svg class="chain" role="img" aria-label={HOPS.map((hop) => `${ui.t.hops[hop]} ${spans[hop]} ms`).join(', ')}>
      {bars}
    </svg>
  );
}

export const Legend = ({ ui }: { ui: Ui }) => (
  <p class="legend">
    {HOPS.map((hop) => (
      <span class="nowrap">
        <svg aria-hidden="true">
          <rect class={hop} width="100%" height="100%" />
        </svg>
        {ui.t.hops[hop]}
      </span>
    ))}
  </p>
);
