import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../../shared/project-root.ts';
import { ACCOUNT, createRepliesRig, INSTANCE, type RepliesRig } from '../support/replies-rig.ts';
import { waitFor } from '../support/wait-for.ts';

describe('npm run relay', () => {
  let rig: RepliesRig;
  beforeAll(async () => {
    rig = await createRepliesRig();
  });
  afterAll(() => rig?.stop());

  const relay = (...args: string[]) =>
    execa(process.execPath, ['--import', 'tsx', join(projectRoot, 'bridge', 'relay-cli.ts'), ...args], {
      env: { BRIDGE_DATABASE_URL: rig.harness.databaseUrl },
      reject: false,
    });
  async function refused(sourceId: string, content: string): Promise<{ messageId: number; letterId: string }> {
    rig.engine.faults.add({
      method: 'POST',
      path: /message/,
      times: 1,
      action: { kind: 'status', status: 400, body: { message: 'no' } },
    });
    const message = rig.reply(await rig.converse(sourceId), content);
    await waitFor(() => rig.message(message.id).status === 'failed');
    const letter = await rig.prisma.bridgeDeadLetter.findFirstOrThrow({ where: { chatwootMessageId: message.id } });
    return { messageId: message.id, letterId: letter.id };
  }

  it('lists what was set aside, without content unless asked; sends it again, once; Chatwoot shows it as sent', async () => {
    const { messageId, letterId } = await refused('5511600000001', 'conteúdo secreto');
    const [listed, shown, others] = await Promise.all([
      relay('dead'),
      relay('dead', '--show', '--way', 'whatsapp'),
      relay('dead', '--way', 'chatwoot'),
    ]);
    expect(listed.stdout).toMatch(
      new RegExp(`${letterId} +to WhatsApp +dead +${INSTANCE} +5511600000001 .* the WhatsApp engine refused`),
    );
    expect(listed.stdout).not.toContain('secreto');
    expect(shown.stdout).toContain('conteúdo secreto');
    expect(others).toMatchObject({ exitCode: 0, stdout: 'No message was set aside.' });

    const asked = await relay('resend', letterId);
    expect(asked).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('1 to be sent again') });
    await rig.settled(messageId, 'sent');
    await waitFor(() => rig.message(messageId).status === 'sent');
    expect(rig.sentTo('5511600000001')).toHaveLength(1);
    const [left, again] = await Promise.all([relay('dead'), relay('resend', letterId)]);
    expect(left.stdout).toBe('No message was set aside.');
    expect(again).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('1 cannot be') });
    expect(rig.sentTo('5511600000001')).toHaveLength(1);
  });

  it('sends customers’ messages again too', async () => {
    const { id } = rig.engine.state.receive(INSTANCE, {
      from: { phone: '5511600000002', name: 'Maria' },
      content: { type: 'text', text: 'Oi' },
    });
    const event = rig.engine.state.deliveries().find(({ body }) => body.includes(id));
    const { integrationId } = rig;
    await rig.prisma.bridgeDeadLetter.create({
      data: {
        id: 'dlt_in',
        integrationId,
        direction: 'to_chatwoot',
        chat: '5511600000002',
        whatsappId: id,
        payload: event?.body ?? '',
        reason: 'x',
        attempts: 1,
      },
    });
    expect((await relay('resend', '--all', '--way', 'chatwoot')).exitCode).toBe(0);
    const arrived = await waitFor(() => rig.chatwoot.state.messages(ACCOUNT).find(({ sourceId }) => sourceId === `WAID:${id}`));
    expect(arrived.content).toBe('Oi');
  });

  it('forgets what is discarded, and says what it does not know', async () => {
    const { letterId } = await refused('5511600000003', 'x');
    const [discarded, neither] = await Promise.all([relay('discard', letterId, 'dlt_unknown'), relay('resend')]);
    expect(discarded).toMatchObject({ exitCode: 1, stdout: '1 discarded.' });
    expect(neither).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('either ids or --all') });
    expect(await rig.prisma.bridgeDeadLetter.count({ where: { id: letterId } })).toBe(0);
    expect(rig.sentTo('5511600000003')).toEqual([]);
  });
});
