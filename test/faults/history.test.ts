import { createEvolutionSimulator } from '../../simulators/engines/evolution/index.ts';
import { layouts } from '../../simulators/engines/evolution/proto.ts';
import { createWahaSimulator } from '../../simulators/engines/waha/index.ts';
import { historySuite } from '../support/history-suite.ts';

// Every version's layout and every engine below WAHA, with a chat of more messages than a page holds.

const TOKEN = 'TokenOfTheEngineMarker';
const MORE_THAN_A_PAGE = 120;

for (const layout of layouts) {
  const simulator = createEvolutionSimulator({ token: TOKEN, layout, retries: { delaysMs: [50, 100] } });
  historySuite({ kind: 'evolution', simulator, name: `loja-${layout}`, token: TOKEN }, MORE_THAN_A_PAGE);
}
for (const engine of ['NOWEB', 'GOWS', 'WEBJS'] as const) {
  const simulator = createWahaSimulator({ engine, token: TOKEN, secondMs: 20, restartMs: 20, fileDelayMs: 5 });
  historySuite({ kind: 'waha', simulator, name: `loja-${engine.toLowerCase()}`, token: TOKEN }, MORE_THAN_A_PAGE);
}
