import { activationErrorSchema } from '../../../shared/activations/error.ts';
import { activationTraceSchema } from '../../../shared/activations/trace.ts';
import type { PrismaClient } from '../../../shared/database/database.ts';
import type { Activation } from '../../../shared/database/generated/client.ts';
import { Chain, Legend } from '../../activations/chain.tsx';
import { Ago, duration } from '../../looks/times.tsx';
import type { Ui } from '../../looks/ui.ts';
import { sentenceOf } from '../sentences.ts';

const ATTEMPTS_SHOWN = 10;

type Attempt = Pick<Activation, 'id' | 'state' | 'attempt' | 'error' | 'trace' | 'createdAt' | 'finishedAt'>;

/** The last attempts to activate an instance, the newest first. */
export const readHistory = (prisma: PrismaClient, instanceId: string): Promise<Attempt[]> =>
  prisma.activation.findMany({
    where: { instanceId },
    orderBy: { createdAt: 'desc' },
    take: ATTEMPTS_SHOWN,
    select: { id: true, state: true, attempt: true, error: true, trace: true, createdAt: true, finishedAt: true },
  });

interface HistoryProps {
  readonly ui: Ui;
  readonly attempts: readonly Attempt[];
  /** Beside what was asked for: takes the place of the one that is shown. */
  readonly isSwap?: boolean;
}

/** Each attempt with what came of it, and how long each hop took. Without the names of our processes. */
export function History({ ui, attempts, isSwap = false }: HistoryProps) {
  const { t } = ui;
  return (
    <section class="card" id="history" aria-labelledby="history-title" hx-swap-oob={isSwap ? 'true' : undefined}>
      <h2 id="history-title">{t.instance.history}</h2>
      {attempts.length === 0 ? (
        <p class="muted">{t.instance.historyNone}</p>
      ) : (
        <>
          <ul class="attempts">
            {attempts.map((attempt) => (
              <One ui={ui} attempt={attempt} />
            ))}
          </ul>
          <Legend ui={ui} />
        </>
      )}
    </section>
  );
}

const LOOKS = { succeeded: 'good', failed: 'bad', running: 'busy', pending: 'busy' } as const;

function One({ ui, attempt }: { ui: Ui; attempt: Attempt }) {
  const { t } = ui;
  const error = activationErrorSchema.safeParse(attempt.error).data;
  const sentence = error && sentenceOf(ui, error);
  const trace = activationTraceSchema.safeParse(attempt.trace).data ?? [];
  const tookMs = (attempt.finishedAt ?? new Date()).getTime() - attempt.createdAt.getTime();
  return (
    <li>
      <div class="head">
        <span class={`pill ${LOOKS[attempt.state]}`}>{t.instance[attempt.state]}</span>
        <span class="muted small">
          <Ago ui={ui} at={attempt.createdAt} /> · {duration(tookMs)}
        </span>
      </div>
      {sentence && <p>{sentence.text}</p>}
      {sentence && sentence.detail !== '' && (
        <details>
          <summary>{t.activation.details}</summary>
          <code>{sentence.detail}</code>
        </details>
      )}
      {trace.map((entry) => (
        <Chain ui={ui} entry={entry} />
      ))}
      <span class="id muted">{attempt.id}</span>
    </li>
  );
}
