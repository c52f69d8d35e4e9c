import { describe, expect, it } from 'vitest';
import { createLookBack } from '../../bridge/catch-up/look-back.ts';
import type { ChatwootClient } from '../../bridge/chatwoot/client.ts';
import type { IntegrationSecrets } from '../../bridge/integrations/secrets.ts';
import type { IntegrationRow } from '../../bridge/integrations/store.ts';
import { useVirtualTime } from '../support/virtual-time.ts';

const { pass } = useVirtualTime();

const TIMING = { unsaidMs: 15_000, unsaidAgainMs: 1_000 };
// A look needs no more of it than this.
const ROW = { id: 'int_1', leaseEpoch: 1, inboxId: 2, chatwootBaseUrl: 'https://chat.example.com' } as IntegrationRow;

/** A Chatwoot that says what was written before a message, or fails to, and how often it was asked. */
function createChatwoot() {
  const state = { says: true, isGone: false, asked: 0, found: [] as number[][] };
  const page = async () => {
    state.asked += 1;
    if (state.isGone) return { ok: false, failure: { kind: 'absent' } };
    return state.says
      ? { ok: true, value: { contact: null, messages: [{ id: 39 }, { id: 40, created_at: 1 }] } }
      : { ok: false, failure: { kind: 'unknown' } };
  };
  const lookBack = createLookBack({
    store: { mark: async () => 10 },
    secrets: { accessOf: () => ({}) } as unknown as IntegrationSecrets,
    chatwoot: () => ({ messages: { page } }) as unknown as ChatwootClient,
    takeUntold: async (_row, messages) => void state.found.push(messages.map(({ id }) => id)),
    timing: TIMING,
    signal: new AbortController().signal,
  });
  return { state, look: (chatwootMessageId = 40) => lookBack(ROW, { conversationId: 3, chatwootMessageId }) };
}

describe('what was written before a reply', () => {
  it('is asked for once, and known from then on', async () => {
    const { state, look } = createChatwoot();
    expect([await look(), await look(), await look(39)]).toEqual(['looked', 'known', 'known']);
    expect(state).toMatchObject({ asked: 1, found: [[39, 40]] });
    expect(await look(41)).toBe('looked');
  });

  it('has no order where the conversation is gone', async () => {
    const { state, look } = createChatwoot();
    state.isGone = true;
    expect(await look()).toBe('known');
  });

  it('is waited for while Chatwoot does not say it, asked again every second, and for 15 s at most', async () => {
    const { state, look } = createChatwoot();
    state.says = false;
    expect([await look(), await look()]).toEqual(['unsaid', 'unsaid']);
    expect(state.asked).toBe(1);
    for (let second = 1; second < 15; second += 1) {
      await pass(1_000);
      expect(await look()).toBe('unsaid');
    }
    await pass(1_000);
    expect(await look()).toBe('known');
    expect(state.asked).toBe(16);
    // Away: from now on it is asked seldom, and holds nothing up.
    await pass(29_000);
    expect(await look()).toBe('known');
    expect(state.asked).toBe(16);
    await pass(1_000);
    expect(await look()).toBe('known');
    expect(state.asked).toBe(17);
  });

  it('is waited for anew after Chatwoot has said it again, and where it was not asked for long', async () => {
    const { state, look } = createChatwoot();
    state.says = false;
    await look();
    await pass(10_000);
    state.says = true;
    expect(await look()).toBe('looked');
    state.says = false;
    await pass(6_000);
    expect(await look(41)).toBe('unsaid');
    await pass(60_000);
    expect(await look(41)).toBe('unsaid');
  });
});
