import { expect, it } from 'vitest';
import { createRelayFixture } from '../support/relay-fixture.ts';
import { waitFor } from '../support/wait-for.ts';

it('a file is as large as Chatwoot takes it, inside the event', async ({ onTestFinished }) => {
  const fixture = await createRelayFixture({ timeouts: { filePauses: { firstMs: 400, maxMs: 400 }, pollEveryMs: 200 } });
  onTestFinished(() => fixture.stop());
  const base64 = Buffer.alloc(30 * 1_048_576, 7).toString('base64');
  await fixture.ingest('message.exchange', {
    id: 'BIG',
    direction: 'incoming',
    chat: { jid: '5511970000001@s.whatsapp.net', name: 'Maria', type: 'private' },
    message: { type: 'document', media: { mimeType: 'application/pdf', fileName: 'plan.pdf', base64 } },
  });
  const message = await waitFor(() => fixture.posted('BIG').find(({ attachments }) => attachments.length === 1), {
    describe: 'the file',
  });
  expect(message.attachments).toMatchObject([{ filename: 'plan.pdf' }]);
  expect((await fixture.file(message)).bytes).toHaveLength(30 * 1_048_576);
});
