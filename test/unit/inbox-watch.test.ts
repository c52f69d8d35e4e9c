import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import type { ChatwootRequest, ChatwootResult } from '../../bridge/chatwoot/transport.ts';
import { createInboxWatch, type Looked } from '../../bridge/integrations/inbox-watch.ts';
import type { IntegrationRow } from '../../bridge/integrations/store.ts';
import { waitFor } from '../support/wait-for.ts';

const EVERY_MS = 1_000;

/** Of an integration only what the watch looks at. */
const row = (id: string, host: string) =>
  ({ id, chatwootBaseUrl: `http://${host}`, chatwootAccountId: 5 }) as unknown as IntegrationRow;

it('looks at every inbox, at none twice within the time, at one of a host at once, and lets no slow host hold up the others', async () => {
  const looks = new Map<string, number[]>();
  const asking = new Map<string, number>();
  let mostOfAHost = 0;
  let mostHosts = 0;
  const watch = createInboxWatch({
    look: async ({ id, chatwootBaseUrl: host }, { signal }) => {
      looks.set(id, [...(looks.get(id) ?? []), performance.now()]);
      asking.set(host, (asking.get(host) ?? 0) + 1);
      mostOfAHost = Math.max(mostOfAHost, asking.get(host) ?? 0);
      mostHosts = Math.max(mostHosts, [...asking.values()].filter((count) => count > 0).length);
      const slow = host.endsWith('silent') ? 60_000 : 2;
      await delay(slow, undefined, { signal }).catch(() => {});
      asking.set(host, (asking.get(host) ?? 1) - 1);
      return 'done';
    },
    timing: { everyMs: EVERY_MS, spreadMs: 0, soonMs: 10, soonAgainMs: EVERY_MS, aftermathMs: EVERY_MS },
    logger: pino({ level: 'silent' }),
  });
  const hosts = ['silent', ...Array.from({ length: 15 }, (_, index) => `host-${index}`)];
  const rows = hosts.flatMap((host) => Array.from({ length: 4 }, (_, index) => row(`${host}/${index}`, host)));
  for (const each of rows) watch.onAcquired(each);
  watch.start();
  const answering = rows.filter(({ chatwootBaseUrl }) => !chatwootBaseUrl.endsWith('silent'));
  await waitFor(() => answering.every(({ id }) => (looks.get(id)?.length ?? 0) >= 2), { describe: 'two looks at each' });
  for (const { id } of answering) watch.lookSoon(id);
  await watch.stop();
  const gaps = [...looks.values()].flatMap((times) => times.slice(1).map((time, index) => time - (times[index] ?? 0)));
  // A busy machine writes a look down a while after it was begun.
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(EVERY_MS - 100);
  expect(mostOfAHost).toBe(1);
  expect(mostHosts).toBeLessThanOrEqual(8);
});

const ACCOUNT = 'http://host/api/v1/accounts/5';
const answer = (status: number, json: unknown): ChatwootResult => ({
  ...{ kind: 'response', method: 'POST', url: `${ACCOUNT}/conversations/1/messages`, status, json, body: JSON.stringify(json) },
  ...{ contentType: 'application/json', location: undefined, retryAfterSeconds: undefined },
});

const LONG_MS = 3_600_000;
const SOON = { everyMs: LONG_MS, spreadMs: 0, soonMs: 1, soonAgainMs: 1, aftermathMs: LONG_MS };

/** One integration, which is not due by itself, and what its looks are to come to. */
function watchOne(outcomes: Looked[], onLook: () => void = () => {}) {
  const looks: { isSuspect: boolean }[] = [];
  const watch = createInboxWatch({
    look: async (_row, { isSuspect }) => {
      looks.push({ isSuspect });
      onLook();
      return outcomes.shift() ?? 'done';
    },
    timing: SOON,
    logger: pino({ level: 'silent' }),
  });
  watch.onAcquired(row('int_1', 'host'));
  watch.start();
  return { watch, looks };
}

it.each([
  ['that may have stored what it tells nobody of', { error: 'OOM command not allowed when used memory' }, true],
  ['whose own validation refused it', { message: 'Name is too long', attributes: ['name'] }, false],
])('looks soon, and for what nobody told, after a 422 %s, and only then', async (_name, refusal, isTrouble) => {
  const { watch, looks } = watchOne([]);
  const answers = [answer(422, refusal), answer(200, { id: 1 })];
  const observed = watch.observe({ request: async () => answers.shift() ?? answer(200, {}) });
  const ask = () => observed.request({ method: 'POST', url: `${ACCOUNT}/conversations/1/messages` } as ChatwootRequest);
  await ask();
  await ask();
  if (isTrouble) await waitFor(() => looks.length === 1, { describe: 'a look after the trouble' });
  watch.lookSoon('int_1');
  await waitFor(() => looks.length >= (isTrouble ? 2 : 1), { describe: 'the look that was asked for' });
  await watch.stop();
  expect(looks).toEqual(Array.from({ length: isTrouble ? 2 : 1 }, () => ({ isSuspect: true })));
});

it('repeats a look that failed with its suspicion, goes on with one that is unfinished, and then rests', async () => {
  const { watch, looks } = watchOne(['failed', 'failed', 'unfinished', 'done']);
  watch.lookSoon('int_1');
  await waitFor(() => looks.length === 4, { describe: 'all of these looks' });
  await watch.stop();
  expect(looks).toEqual(Array.from({ length: 4 }, () => ({ isSuspect: true })));
});

it('forgets nothing of a look under way while the settings change', async () => {
  const { watch, looks } = watchOne(['failed'], () => watch.onChanged(row('int_1', 'host')));
  watch.lookSoon('int_1');
  await waitFor(() => looks.length === 2, { describe: 'the look after the one that failed' });
  await watch.stop();
  expect(looks).toEqual([{ isSuspect: true }, { isSuspect: true }]);
});
