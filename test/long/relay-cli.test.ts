import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundledProgram } from '../support/bundled.ts';
import { refusedReply } from '../support/refused-reply.ts';
import { createRepliesFixture, INSTANCE, type RepliesFixture } from '../support/replies-fixture.ts';

let fixture: RepliesFixture;
beforeAll(async () => {
  fixture = await createRepliesFixture();
});
afterAll(() => fixture?.stop());

describe('ponte relay', () => {
  const relay = (...args: string[]) =>
    execa(...bundledProgram('cli/main.ts', 'relay', ...args), {
      env: { BRIDGE_DATABASE_URL: fixture.harness.databaseUrl },
      reject: false,
    });

  it('lists what was set aside, without content unless asked, has it sent again, and says what it does not know', async () => {
    const { messageId, letterId } = await refusedReply(fixture, '5511600000001', 'conteúdo secreto');
    const [listed, shown, others] = await Promise.all([
      relay('dead'),
      relay('dead', '--show', '--way', 'whatsapp'),
      relay('dead', '--way', 'chatwoot'),
    ]);
    const line = `${letterId} +to WhatsApp +dead +${INSTANCE} +5511600000001 .* the WhatsApp engine refused`;
    expect(listed.stdout).toMatch(new RegExp(line));
    expect(listed.stdout).not.toContain('secreto');
    expect(shown.stdout).toContain('conteúdo secreto');
    expect(others).toMatchObject({ exitCode: 0, stdout: 'No message was set aside.' });

    const [asked, neither, discarded] = await Promise.all([
      relay('resend', letterId),
      relay('resend'),
      relay('discard', 'dlt_unknown'),
    ]);
    expect(asked).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('1 to be sent again') });
    expect(neither).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('either ids or --all') });
    expect(discarded).toMatchObject({ exitCode: 1, stdout: '0 discarded.' });
    await fixture.settled(messageId, 'sent');
  });
});
