import { encode } from 'uqr';
import type { Ui } from '../../looks/ui.ts';
import type { Sentence } from '../sentences.ts';
import type { Pairing } from '../use-cases.ts';

/** What to scan or type on the phone; asks anew by itself until the phone is connected. */
export function PairingPart({ ui: { t }, path, pairing }: { ui: Ui; path: string; pairing: Pairing | Sentence }) {
  if ('kind' in pairing && pairing.kind === 'connected') {
    return (
      <div id="pairing" aria-live="polite">
        <p class="note good">{t.engine.pairDone}</p>
      </div>
    );
  }
  return (
    <div id="pairing" aria-live="polite" hx-get={`${path}/pair`} hx-trigger="every 8s" hx-swap="outerHTML">
      {'kind' in pairing ? (
        <>
          <p>{t.engine.pairHint}</p>
          {pairing.kind === 'qr' ? (
            <Drawn text={pairing.qr} label={t.engine.pairPicture} />
          ) : (
            <img class="qr" src={`data:image/png;base64,${pairing.base64}`} alt={t.engine.pairPicture} />
          )}
          {pairing.code !== undefined && (
            <p>
              {t.engine.pairCode} <code>{pairing.code}</code>
            </p>
          )}
        </>
      ) : (
        <div class="note busy">
          <p>
            <strong>{t.engine.pairFailed}</strong> {pairing.text}
          </p>
          {pairing.detail !== '' && <code>{pairing.detail}</code>}
        </div>
      )}
    </div>
  );
}

function Drawn({ text, label }: { text: string; label: string }) {
  const { size, data } = encode(text, { border: 0 });
  const path = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <path d={path} />
    </svg>
  );
}
