import { eventually } from './client.ts';
import { parcelPicture } from './parcel-picture.ts';
import { ACCOUNT, type Props } from './props.ts';

const PATIENCE_MS = 20_000;
const CUSTOMER = { phone: '5511987654321', name: 'Maria Silva' };

/** Act two: a picture comes in, an agent answers, and the tick comes back. */
export async function playMessages(props: Props, instanceToken: string): Promise<void> {
  const { stage, chatwoot, engine, apiUrl } = props;
  engine.state.addInstance({ name: 'suporte', token: instanceToken, ingestUrl: `${apiUrl}/api/events/ingest/suporte` });

  await stage.scene('A customer sends a picture on WhatsApp', async () => {
    const sent = engine.state.receive('suporte', {
      from: CUSTOMER,
      content: {
        type: 'image',
        caption: 'Olá! O meu pedido chegou assim.',
        media: { base64: parcelPicture().toString('base64'), mimeType: 'image/png', fileName: 'pedido.png' },
      },
    });
    stage.show('WhatsApp', `${CUSTOMER.name}: [picture] Olá! O meu pedido chegou assim.`);
    const arrived = await eventually(
      async () => chatwoot.state.messages(ACCOUNT).find(({ sourceId }) => sourceId?.includes(sent.id)),
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
    const sent = await eventually(async () => engine.state.sent('suporte')[0], PATIENCE_MS);
    const text = sent?.content.type === 'text' ? sent.content.text : '';
    stage.show('WhatsApp', text.replaceAll('\n', ' ⏎ '));
    stage.expect(
      'goes out to her in WhatsApp’s own notation, signed',
      text === '*Ana*:\nOi Maria, *desculpe*! Já enviamos outro.',
    );
    const read = await eventually(
      async () => (chatwoot.state.messages(ACCOUNT).find(({ id }) => id === reply.id)?.status === 'read' ? true : undefined),
      PATIENCE_MS,
    );
    stage.expect('its ticks come back to Chatwoot: delivered, then read', read === true);
    const replies = engine.state.sent('suporte').length;
    stage.expect(`went out once (it was ${replies})`, replies === 1);
  });
}
