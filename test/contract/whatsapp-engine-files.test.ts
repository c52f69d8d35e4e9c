import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ContentInput } from '../../simulators/whatsapp-engine/index.ts';
import { maria, refused, useWhatsappEngine } from '../support/whatsapp-engine.ts';

const { engine, call, dataOf } = useWhatsappEngine();

describe('files of the WhatsApp engine simulator', () => {
  async function exchange(content: ContentInput): Promise<{ id: string; media: Record<string, unknown> }> {
    engine().state.receive('suporte', { from: maria, content });
    const frame = (await dataOf('message.exchange')).at(-1);
    return z
      .looseObject({ id: z.string(), message: z.looseObject({ media: z.looseObject({}) }) })
      .transform(({ id, message }) => ({ id, media: message.media }))
      .parse(frame);
  }

  const kinds: ['image' | 'video' | 'audio' | 'document' | 'sticker', string][] = [
    ['image', '89504e47'],
    ['audio', '4f676753'],
    ['video', '0000001c66747970'],
    ['document', '255044462d'],
    ['sticker', '52494646'],
  ];
  it.each(kinds)('of kind %s are real ones, behind the address in the event', async (type, signature) => {
    const { media } = await exchange({ type });

    const response = await fetch(String(media.url));

    expect(response.headers.get('content-type')).toBe(media.mimeType);
    expect(
      Buffer.from(await response.arrayBuffer())
        .toString('hex')
        .startsWith(signature),
    ).toBe(true);
  });

  it('come inside the event where the instance is set to that', async () => {
    engine().state.configure('suporte', { mediaBase64: true });

    const { media } = await exchange({ type: 'image', media: { base64: 'eA==', mimeType: 'image/jpeg' } });

    expect(media).toMatchObject({ base64: 'eA==', mimeType: 'image/jpeg' });
  });

  it('are fetched by the message’s id otherwise', async () => {
    const { id, media } = await exchange({ type: 'image', media: { base64: 'eA==', mimeType: 'image/jpeg' } });
    expect(media).not.toHaveProperty('base64');

    expect(await call(`/api/chat/base64/suporte?messageId=${id}`)).toEqual({
      status: 200,
      body: { message_id: id, mime_type: 'image/jpeg', media_type: 'image', base64: 'eA==' },
    });
    expect(await call('/api/chat/base64/suporte?messageId=none')).toEqual(refused(404, 'Message not found'));
    expect(await call('/api/chat/base64/suporte')).toEqual(refused(400, 'messageId is required'));
    expect(await call(`/api/chat/base64/suporte?messageId=${id}`, undefined, 'wrong')).toMatchObject({ status: 401 });
  });

  it('are noise at WhatsApp’s own address, and themselves at the copy’s', async () => {
    engine().state.configure('suporte', { mediaUrl: 's3' });
    const { media } = await exchange({ type: 'image', media: { base64: 'eA==' } });

    const [encrypted, copy] = await Promise.all([fetch(String(media.url)), fetch(String(media.s3Url))]);

    expect(Buffer.from(await copy.arrayBuffer()).toString()).toBe('x');
    expect((await encrypted.arrayBuffer()).byteLength).toBe(26);
    engine().state.configure('suporte', { mediaUrl: 'none' });
    expect((await exchange({ type: 'image' })).media).not.toHaveProperty('url');
  });
});
