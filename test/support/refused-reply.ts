import type { RepliesFixture } from './replies-fixture.ts';
import { waitFor } from './wait-for.ts';

/** A reply that the engine refuses, and the letter of it. */
export async function refusedReply(
  fixture: RepliesFixture,
  sourceId: string,
  content: string,
): Promise<{ messageId: number; letterId: string }> {
  const action = { kind: 'status', status: 400, body: { message: 'no' } } as const;
  fixture.engine.faults.add({ method: 'POST', path: /message/, times: 1, action });
  const message = fixture.reply(await fixture.converse(sourceId), content);
  await waitFor(() => fixture.message(message.id).status === 'failed');
  await waitFor(async () => (await fixture.rowsOf(message.id)).every(({ report }) => report === ''));
  const letter = await fixture.prisma.bridgeDeadLetter.findFirstOrThrow({ where: { chatwootMessageId: message.id } });
  return { messageId: message.id, letterId: letter.id };
}
