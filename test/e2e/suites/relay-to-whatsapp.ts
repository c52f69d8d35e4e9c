import { beforeAll, describe, expect, it } from 'vitest';
import { makeMediaFile } from '../../../simulators/whatsapp-engine/media-files.ts';
import { waitFor } from '../../support/wait-for.ts';
import type { PairedStack } from './paired-stack.ts';

const INSTANCE = 'vendas';
const PEOPLE = ['5511970000001', '5511970000002', '5511970000003', '5511970000004'];

export const describeRelayToWhatsapp = (paired: PairedStack) =>
  describe('agents’ replies on their way to WhatsApp, through real processes', () => {
    const { chatwoot, engine, account: ACCOUNT } = paired;

    beforeAll(async () => {
      await paired.activate(INSTANCE, { signMessages: true });
      for (const phone of PEOPLE) {
        engine.state.receive(INSTANCE, { from: { phone, name: 'Maria' }, content: { type: 'text', text: 'oi' } });
      }
      await waitFor(() => chatwoot.state.messages(ACCOUNT).filter(({ content }) => content === 'oi').length === PEOPLE.length);
    });

    const sentTo = (phone: string) => engine.state.sent(INSTANCE).filter(({ chat }) => chat.jid.startsWith(phone));
    const textsTo = (phone: string) => sentTo(phone).map(({ content }) => ('text' in content ? content.text : content.type));
    const messageOf = (id: number) => chatwoot.state.messages(ACCOUNT).find((message) => message.id === id);
    function conversationWith(phone: string): number {
      const address = chatwoot.state.contactInboxes().find(({ sourceId }) => sourceId === phone);
      return chatwoot.state.conversations(ACCOUNT).find(({ contactInboxId }) => contactInboxId === address?.id)?.displayId ?? 0;
    }

    it('arrive signed, with their files, once; their echoes come to nothing, and their ticks come back', async () => {
      const [phone = ''] = PEOPLE;
      const displayId = conversationWith(phone);
      const before = chatwoot.state.messages(ACCOUNT, displayId).length;
      const { bytes } = makeMediaFile('document');
      const messages = [
        chatwoot.state.reply(ACCOUNT, displayId, { content: 'Bom **dia**' }),
        chatwoot.state.reply(ACCOUNT, displayId, {
          content: 'segue',
          attachments: [{ filename: 'a.pdf', contentType: 'application/pdf', base64: bytes.toString('base64') }],
        }),
      ];
      await waitFor(() => messages.every(({ id }) => messageOf(id)?.status === 'read'), { describe: 'the ticks' });
      expect(textsTo(phone)).toEqual(['*Ana*:\nBom *dia*', 'document']);
      expect(sentTo(phone)[1]).toMatchObject({
        content: { caption: '*Ana*:\nsegue' },
        media: { base64: bytes.toString('base64') },
      });
      await engine.state.idle();
      expect(chatwoot.state.messages(ACCOUNT, displayId)).toHaveLength(before + messages.length);
    });

    it('are sent once or shown as failed, and stay in order, though the bridge that sends them is killed', async () => {
      const slow = engine.faults.add({ method: 'POST', path: /^\/api\/message\//, action: { kind: 'delay', delayMs: 1_000 } });
      const messages: { phone: string; content: string; id: number }[] = [];
      async function write(from: number, to: number): Promise<void> {
        for (let index = from; index < to; index += 1) {
          const content = `resposta ${index}`;
          for (const phone of PEOPLE) {
            messages.push({ phone, content, id: chatwoot.state.reply(ACCOUNT, conversationWith(phone), { content }).id });
          }
          // However busy the machine is, the webhooks of one conversation arrive in order.
          await chatwoot.state.webhooks.idle();
        }
      }
      const ours = () =>
        engine.state.sent(INSTANCE).filter(({ content }) => 'text' in content && content.text.includes('resposta'));
      await write(0, 6);
      await waitFor(() => ours().length > 0);

      const { leaseOwner, id } = await paired
        .stack()
        .database.prisma.bridgeIntegration.findFirstOrThrow({ where: { instanceName: INSTANCE } });
      const pid = Number(leaseOwner?.split(':')[1]);
      const holder = paired.stack().bridges.find(({ process }) => process.pid === pid);
      await holder?.process.kill9();
      slow.clear();
      expect(ours().length).toBeLessThan(messages.length);
      await write(6, 8);
      // As if its lease had run out.
      await paired.stack().database.prisma.bridgeIntegration.update({ where: { id }, data: { leaseUntil: new Date() } });
      await paired.stack().startBridge(holder?.port);

      const rows = (chatwootMessageId: number) =>
        paired.stack().database.prisma.bridgeReply.findMany({ where: { chatwootMessageId } });
      await waitFor(
        async () =>
          (await paired.stack().database.prisma.bridgeReply.count({ where: { state: { in: ['pending', 'sending'] } } })) === 0,
        { describe: 'nothing being on its way' },
      );
      for (const { id: messageId, phone, content } of messages) {
        const count = textsTo(phone).filter((text) => text === `*Ana*:\n${content}`).length;
        const states = (await rows(messageId)).map(({ state }) => state);
        // Chatwoot told a bridge that was not there, or nobody knows whether it was sent: both the agent sees.
        if (count === 0 || states[0] === 'unknown') await waitFor(() => messageOf(messageId)?.status === 'failed');
        else expect(states).toEqual(['sent']);
        expect(count).toBeLessThanOrEqual(1);
      }
      for (const phone of PEOPLE) {
        const arrived = textsTo(phone).filter((text) => text.includes('resposta'));
        expect(arrived).toEqual([...arrived].sort());
      }
    });

    it('fail in front of the agent while there is no bridge, and leave at a click when there is one again', async () => {
      const [phone = ''] = PEOPLE;
      const displayId = conversationWith(phone);
      await Promise.all(paired.stack().bridges.map(({ process }) => process.kill9()));
      const message = chatwoot.state.reply(ACCOUNT, displayId, { content: 'insisto' });
      await waitFor(() => messageOf(message.id)?.status === 'failed');
      await chatwoot.state.webhooks.idle();
      await paired.stack().database.prisma.bridgeIntegration.updateMany({ data: { leaseUntil: new Date() } });
      await paired.stack().startBridge(paired.stack().bridges[0]?.port);
      chatwoot.state.retryMessage(ACCOUNT, displayId, message.id);
      await waitFor(() => messageOf(message.id)?.status === 'read');
      expect(textsTo(phone).filter((text) => text.includes('insisto'))).toHaveLength(1);
    });

    it('left no word of themselves, and no token, in any log', () => {
      expect(paired.stack().logs()).not.toMatch(/resposta \d|insisto|engine-account-token/);
    });
  });
