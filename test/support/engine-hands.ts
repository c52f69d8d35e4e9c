import { expect } from 'vitest';
import type { Engine, EngineCall, OutgoingMessage, OutgoingText, SendOutcome } from '../../shared/engines/engine.ts';
import type { WhatsappEvent } from '../../shared/engines/event.ts';
import type { EngineSimulator, SentMessage } from '../../simulators/engines/engine-simulator.ts';
import type { ContentInput, Incoming } from '../../simulators/whatsapp-engine/content.ts';
import type { Door } from './engine-door.ts';

/** What a contract test does with an engine: through its simulator on one side, and the door that it delivers to on the other. */
export interface EngineHands {
  send(message: OutgoingMessage, options?: { readonly timeoutMs?: number; readonly key?: string }): Promise<SendOutcome>;
  /** What was sent last. */
  sent(): SentMessage | undefined;
  /** What was told since it was asked last, read as it is after it was stored. */
  told(): Promise<WhatsappEvent[]>;
  /** What came of one message that somebody writes, of which exactly one thing is told. */
  one(content: ContentInput, more?: Partial<Incoming>): Promise<WhatsappEvent | undefined>;
}

export function createEngineHands(parts: {
  readonly engine: Engine;
  readonly simulator: EngineSimulator & { idle(): Promise<void> };
  readonly name: string;
  readonly call: (timeoutMs?: number) => EngineCall;
  readonly door: () => Door;
  /** Who writes. */
  readonly from: Incoming['from'];
  /** What is to stand in nothing that is stored. */
  readonly secret: string;
}): EngineHands {
  const { engine, simulator, name } = parts;

  async function told(): Promise<WhatsappEvent[]> {
    await simulator.idle();
    return parts
      .door()
      .deliveries.splice(0)
      .flatMap((delivery) => engine.unpack(delivery))
      .map((payload) => {
        const stored = JSON.stringify(payload);
        expect(stored).not.toContain(parts.secret);
        const parsed = engine.readEvent(JSON.parse(stored));
        if (!parsed.ok) throw new Error(parsed.fault);
        return parsed.event;
      });
  }

  return {
    send: (message, { timeoutMs, key } = {}) => engine.send({ ...parts.call(timeoutMs), message, idempotencyKey: key }),
    sent: () => simulator.sent(name).at(-1),
    told,
    async one(content, more = {}) {
      simulator.receive(name, { from: parts.from, content, ...more });
      const events = await told();
      expect(events).toHaveLength(1);
      return events[0];
    },
  };
}

export const text = (recipient: string, said: string, more: Partial<OutgoingText> = {}): OutgoingText => ({
  kind: 'text',
  recipient,
  text: said,
  ...more,
});

/** The id of a message that was sent. */
export function idOf(outcome: SendOutcome): string {
  if (outcome.kind === 'failed') throw outcome.error;
  return String((outcome.answer.data as { messageId: string }).messageId);
}
