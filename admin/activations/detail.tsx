import { activationErrorSchema } from '../../shared/activations/error.ts';
import { activationSettingsSchema } from '../../shared/activations/settings.ts';
import { type ActivationTrace, activationTraceSchema } from '../../shared/activations/trace.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import { errorCatalogue } from '../../shared/errors/catalogue.ts';
import { plainSentenceOf } from '../console/sentences.ts';
import { Clock, duration } from '../looks/times.tsx';
import type { Ui } from '../looks/ui.ts';
import { Chain, Legend } from './chain.tsx';
import { lookOf } from './list.tsx';

type Row = NonNullable<Awaited<ReturnType<typeof readActivation>>>;
interface Props {
  readonly ui: Ui;
  readonly row: Row;
}

/** One activation with what hangs on it; undefined where there is none of this id. */
export async function readActivation(prisma: PrismaClient, id: string) {
  if (!/^[\w-]{1,40}$/.test(id)) return undefined;
  const row = await prisma.activation.findUnique({
    where: { id },
    omit: { chatwootToken: true, requestHash: true, idempotencyKey: true },
    include: {
      instance: {
        select: {
          id: true,
          name: true,
          account: { select: { id: true, name: true } },
          integration: { select: { activationId: true, status: true, lastError: true } },
        },
      },
    },
  });
  if (row === null) return undefined;
  const removals = await prisma.removal.findMany({ where: { activationId: id }, orderBy: { createdAt: 'asc' } });
  return { ...row, removals };
}

export function ActivationDetail({ ui, row }: Props) {
  const { t } = ui;
  return (
    <>
      <Outcome ui={ui} row={row} />
      <section class="card">
        <h2>{t.operators.askedFor}</h2>
        <Facts ui={ui} row={row} />
      </section>
      <section class="card">
        <h2>{t.instance.steps}</h2>
        <Steps ui={ui} row={row} />
      </section>
      {row.removals.length > 0 && <Removals ui={ui} row={row} />}
    </>
  );
}

function Outcome({ ui, row }: Props) {
  const { t } = ui;
  if (row.state === 'succeeded') {
    const { integration } = row.instance;
    return (
      <div class="note good">
        <p>
          <strong class="good">{t.operators.succeededAs}</strong> <code>{row.bridgeIntegrationId}</code>.{' '}
          {integration === null ? t.operators.deactivatedSince : t.operators.isNow(integration.status)}{' '}
          {integration !== null && integration.activationId !== row.id && t.operators.replaced}
        </p>
        {integration?.lastError && (
          <p>
            {t.operators.lastError}: {integration.lastError}
          </p>
        )}
      </div>
    );
  }
  const error = activationErrorSchema.safeParse(row.error).data;
  if (row.state !== 'failed' || error === undefined) {
    const isLate = row.deadlineAt.getTime() < Date.now();
    return (
      <div class="note busy">
        <p>
          {t.operators.until(t.instance[row.state])} <Clock at={row.deadlineAt} />
        </p>
        {isLate && (
          <p>
            <a href="/admin/queues">{t.operators.late}</a>
          </p>
        )}
      </div>
    );
  }
  const sentence = plainSentenceOf(ui, error);
  return (
    <div class="note bad">
      <p>
        <strong>{sentence.text}</strong>
      </p>
      {sentence.detail !== '' && <p>{sentence.detail}</p>}
      <p class="small">
        <code>{error.code}</code> (HTTP {error.httpStatus}) · {errorCatalogue[error.code].when}{' '}
        {error.retryable ? t.operators.canSucceed : t.operators.cannotSucceed}
      </p>
    </div>
  );
}

function Facts({ ui: { t }, row }: Props) {
  const settings = activationSettingsSchema.safeParse(row.settings).data;
  const { instance } = row;
  const options = settings ? Object.entries(settings).flatMap(([name, value]) => (value === true ? [name] : [])) : [];
  return (
    <dl>
      <dt>{t.operators.instance}</dt>
      <dd>
        <a href={`/admin/instances/${instance.id}`}>{instance.name}</a> <span class="id muted">{instance.id}</span>
      </dd>
      <dt>{t.operators.account}</dt>
      <dd>
        {instance.account.name} <span class="id muted">{instance.account.id}</span>
      </dd>
      <dt>Chatwoot</dt>
      <dd>{settings && `${settings.chatwootBaseUrl}, ${t.operators.inboxIn(settings.chatwootAccountId, settings.inboxName)}`}</dd>
      <dt>{t.instance.options}</dt>
      <dd>{options.length > 0 ? options.join(', ') : t.instance.noOptions}</dd>
      <dt>{t.operators.activation}</dt>
      <dd class="id">{row.id}</dd>
      <dt>{t.operators.requestId}</dt>
      <dd>
        <span class="id">{row.requestId ?? '–'}</span> <span class="muted">({t.operators.sameInLog})</span>
      </dd>
    </dl>
  );
}

function Steps({ ui, row }: Props) {
  const { t } = ui;
  const trace = activationTraceSchema.safeParse(row.trace).data ?? [];
  const end = row.finishedAt ?? new Date();
  return (
    <>
      <div class="wide">
        <table class="stack">
          <thead>
            <tr>
              {[t.operators.when, t.operators.where, t.operators.what, t.instance.took].map((head) => (
                <th scope="col">{head}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            <tr>
              <td class="nowrap">
                <Clock at={row.createdAt} />
              </td>
              <td>api</td>
              <td>{t.operators.tookRequest}</td>
              <td />
            </tr>
            {trace.map((entry) => (
              <Attempt ui={ui} entry={entry} />
            ))}
            {trace.length < row.attempt && (
              <tr>
                <td />
                <td>worker</td>
                <td class="busy">{t.operators.noTrace(row.attempt - trace.length, row.attempt)}</td>
                <td />
              </tr>
            )}
            <tr>
              <td class="nowrap">
                <Clock at={row.finishedAt} />
              </td>
              <td>api</td>
              <td class={lookOf(row.state)}>{t.instance[row.state]}</td>
              <td class="nowrap">{t.operators.inAll(duration(end.getTime() - row.createdAt.getTime()))}</td>
            </tr>
          </tbody>
        </table>
      </div>
      <Legend ui={ui} />
    </>
  );
}

function Attempt({ ui, entry }: { ui: Ui; entry: ActivationTrace[number] }) {
  const { t } = ui;
  return (
    <tr>
      <td class="nowrap">
        <Clock at={new Date(entry.startedAt)} />
      </td>
      <td>
        <span>
          worker<span class="sub id">{entry.worker}</span>
        </span>
      </td>
      <td class="main">
        {t.operators.attempt(entry.attempt)}: <span class={entry.outcome === 'succeeded' ? 'good' : 'bad'}>{entry.outcome}</span>
        {entry.mayHaveLeft && <span class="muted"> ({t.operators.mayHaveLeft})</span>}
        <Chain ui={ui} entry={entry} />
      </td>
      <td class="nowrap main">
        {parts(ui, entry).map(([name, ms]) => (
          <>
            {`${name} ${duration(ms)}`}
            <br />
          </>
        ))}
      </td>
    </tr>
  );
}

const parts = ({ t }: Ui, { queueWaitMs, bridgeMs, chatwootMs, storeMs }: ActivationTrace[number]): [string, number][] =>
  (
    [
      [t.operators.waited, queueWaitMs],
      [t.operators.bridge, bridgeMs],
      [t.operators.ofThatChatwoot, chatwootMs],
      [t.operators.recorded, storeMs],
    ] as [string, number | undefined][]
  ).filter((part): part is [string, number] => part[1] !== undefined);

const Removals = ({ ui: { t }, row }: Props) => (
  <section class="card">
    <h2>{t.operators.cleaningUp}</h2>
    <ul>
      {row.removals.map((removal) => (
        <li>
          <a href={`/admin/removals?id=${removal.id}`}>{removal.id}</a> ({t.operators.reasons[removal.reason]}):{' '}
          {t.operators.states[removal.state]}, {t.operators.tries(removal.attempts)}
          {removal.lastError !== '' && `; ${t.operators.lastError}: ${removal.lastError}`}
        </li>
      ))}
    </ul>
  </section>
);
