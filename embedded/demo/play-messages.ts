import { eventually } from './client.ts';
import { parcelPicture } from './parcel-picture.ts';
import { ACCOUNT, type Props } from './props.ts';

const PATIENCE_MS = 20_000;
const CUSTOMER = { phone: '5511987654321', name: 'Maria Silva' };

/** Act two: a picture comes in, an agent answers, and the tick comes back. */
export async function playMessages(props: Props, instanceToken: string): Promise<void> {
  const { stage, chatwoot, engine, apiUrl } = props;
  const { delivery } = engine;
  if (delivery.kind === 'by_hand') delivery.connect('suporte', instanceToken, `${apiUrl}/api/events/ingest/suporte`);
  else
    await stage.scene('Ponte has told the WhatsApp API where to deliver', async () => {
      const address = await eventually(async () => delivery.address('suporte'), PATIENCE_MS);
      stage.show('webhook', address?.replace(/ptd_\w+/, 'ptd_…') ?? 'none');
      stage.expect(
        'nobody had to write it down there',
        address?.startsWith(`http://localhost:${new URL(apiUrl).port}/`) === true,
      );
    });

  await stage.scene('A customer sends a picture on WhatsApp', async () => {
    const id = engine.receive('suporte', {
      from: CUSTOMER,
      content: {
        type: 'image',
        caption: 'Olá! O meu pedido chegou assim.',
        media: { base64: parcelPicture().toString('base64'), mimeType: 'image/png', fileName: 'pedido.png' },
      },
    });
    stage.show('WhatsApp', `${CUSTOMER.name}: [picture] Olá! O meu pedido chegou assim.`);
    const arrived = await eventually(
      async () => chatwoot.state.messages(ACCOUNT).find(({ sourceId }) => sourceId?.includes(id)),
      PATIENCE_MS,
    );
    stage.show('Chatwoot', `${arrived?.content ?? 'nothing'} + ${arrived?.attachments.length ?? 0} attachment(s)`);
    stage.expect(
      'arrives in Chatwoot as an incoming message, with its caption',
      arrived?.content === 'Olá! O meu pedido chegou assim.',
    );
    stage.expect('brings the picture along', arrived?.attachments.length === 1);
    const contact = chatwoot.state.contacts(ACCOUNT).find(({ phoneNumber }) => phoneNumber === `+${CUSTOMER.phone}`);
    stage.expect('under a contact with her name and number', contact?.name === CUSTOMER.name);
  });

  await stage.scene('An agent answers in Chatwoot', async () => {
    const conversation = chatwoot.state.conversations(ACCOUNT)[0];
    if (!conversation) throw new Error('there is no conversation');
    const reply = chatwoot.state.reply(ACCOUNT, conversation.displayId, {
      content: 'Oi Maria, **desculpe**! Já enviamos outro.',
      agentName: 'Ana',
    });
    stage.show('Chatwoot', `Ana: ${reply.content}`);
    const sent = await eventually(async () => engine.sent('suporte')[0], PATIENCE_MS);
    const text = sent?.text ?? '';
    stage.show('WhatsApp', text.replaceAll('\n', ' ⏎ '));
    stage.expect(
      'goes out to her in WhatsApp’s own notation, signed',
      text === '*Ana*:\nOi Maria, *desculpe*! Já enviamos outro.',
    );
    const statusIs = (wanted: string) =>
      eventually(async () => {
        const status = chatwoot.state.messages(ACCOUNT).find(({ id }) => id === reply.id)?.status;
        return status === wanted || status === 'read' ? status : undefined;
      }, PATIENCE_MS);
    await statusIs('delivered');
    if (sent !== undefined) engine.read('suporte', [sent.id]);
    const read = (await statusIs('read')) === 'read';
    stage.expect('its ticks come back to Chatwoot: delivered, then read', read);
    const replies = engine.sent('suporte').length;
    stage.expect(`went out once (it was ${replies})`, replies === 1);
  });
}
