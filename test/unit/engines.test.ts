import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { storedReplySchema, toStored } from '../../bridge/relay/to-whatsapp/reply.ts';
import { streamServerFrameSchema } from '../../shared/contracts/stream.ts';
import { engineKinds, engineOf } from '../../shared/engines/registry.ts';
import { outgoingSchemas, requestOf } from '../../shared/engines/ryzeapi/message-request.ts';
import { projectRoot } from '../../shared/project-root.ts';

const HOME = 'shared/engines/ryzeapi/';
const SEARCHED = ['api', 'admin', 'bridge', 'worker', 'shared'];

/**
 * What gives RyzeAPI away: its paths, its event types, and its field names, but for those that mean something of ours elsewhere (`messageId` and
 * `replyTo` are messages of Chatwoot and quotes, too; `mimeType`, `fileName` and `isVoice` are anybody's).
 */
const TRACES =
  /\/api\/(?:message|chat\/base64)\/|['"`](?:message\.(?:exchange|status)|instance\.state|call\.update|group\.flow|label\.update)\b|\b(?:mediaBase64|mediaUrl|mediaType|mime_type|media_type|push_?[nN]ame|isVoiceNote|s3_?[uU]rl|instanceData|remoteJid|linkPreview|replyPrivate|mentionAll|message_id)\b|data\.messageId\b/g;

/** Where else they may stand, and why. */
const ALLOWED: Readonly<Record<string, string>> = {
  'api/openapi/operations/messages.ts': 'documents the public message API and ingest, whose contract is RyzeAPI’s',
  'bridge/relay/to-whatsapp/reply.ts': 'rows of the first version have these names',
};

async function filesOf(room: string): Promise<string[]> {
  const names = await readdir(join(projectRoot, room), { recursive: true }).catch(() => []);
  return names
    .filter((name) => name.endsWith('.ts') && !name.includes('generated'))
    .map((name) => [room, ...name.split(sep)].join('/'));
}

describe('what is known of RyzeAPI', () => {
  it('stands in its own folder, and where its contract is served or was stored', async () => {
    const found = new Map<string, string[]>();
    for (const file of (await Promise.all(SEARCHED.map(filesOf))).flat()) {
      const traces = (await readFile(join(projectRoot, file), 'utf8')).match(TRACES);
      if (traces !== null) found.set(file, [...new Set(traces)]);
    }
    const files = [...found.keys()];

    expect(files.filter((file) => file.startsWith(HOME)).length).toBeGreaterThan(3);
    // Other engines have words of their own, some of them the same.
    const strays = [...found].filter(([file]) => !file.startsWith('shared/engines/') && !Object.hasOwn(ALLOWED, file));
    expect(strays).toEqual([]);
    // A place that no longer needs to be allowed is not to be allowed.
    expect(Object.keys(ALLOWED).filter((file) => !files.includes(file))).toEqual([]);
  });

  it('is imported from its folder by nobody but the registry, the public message API and the bridge, which sends through that', async () => {
    const importers: string[] = [];
    for (const file of (await Promise.all(SEARCHED.map(filesOf))).flat()) {
      if (file.startsWith(HOME)) continue;
      if (/['"]\.[^'"]*\bryzeapi\//.test(await readFile(join(projectRoot, file), 'utf8'))) importers.push(file);
    }
    expect(importers.sort()).toEqual([
      'api/messages/routes.ts',
      'api/openapi/operations/messages.ts',
      'bridge/relay/to-chatwoot/media-sources.ts',
      'bridge/relay/to-whatsapp/message-api.ts',
      'bridge/relay/to-whatsapp/parts.ts',
      'shared/engines/registry.ts',
    ]);
  });
});

describe('the registry', () => {
  it('has an engine for every kind, and refuses a kind that only a newer version can have written', () => {
    for (const kind of engineKinds) expect(engineOf(kind)).toHaveProperty('readEvent');
    for (const kind of ['telepathy', '', 'toString', '__proto__']) expect(() => engineOf(kind)).toThrow('no engine of the kind');
  });

  it.each(engineKinds)('%s says what is wrong with what is no delivery, instead of throwing', (kind) => {
    const engine = engineOf(kind);
    for (const body of [null, 'x', 1, [], {}, { event: {}, data: 1 }]) {
      for (const payload of engine.unpack({ body, rawBody: Buffer.alloc(0), headers: {}, name: 'suporte' })) {
        expect(engine.readEvent(payload)).toMatchObject({ ok: false, fault: expect.stringContaining(': ') });
      }
    }
  });
});

describe('a frame of the event stream', () => {
  const frame = { type: 'event', sequence: 1, event: {} };

  it('is one of RyzeAPI’s where it names no engine, as frames of the first version did', () => {
    expect(streamServerFrameSchema.parse(frame)).toHaveProperty('engineKind', 'ryzeapi');
  });

  it('of an engine that is not known here is no frame, so that it is never acknowledged unread', () => {
    expect(streamServerFrameSchema.safeParse({ ...frame, engineKind: 'telepathy' }).success).toBe(false);
  });
});

describe('RyzeAPI’s message API', () => {
  it.each([
    ['text', { number: '5511999999999', message: 'Oi' }],
    ['text', { number: '1@lid', message: 'Oi', delay: 0, replyTo: 'A', source: 's', mentionAll: true, unknown: { deep: [1] } }],
    ['text', { number: '12@g.us', message: 'Oi', delay: null, replyTo: null, source: null, linkPreview: null, mediaUrl: 1 }],
    ['media', { number: '5511999999999', mediaType: 'image', mediaUrl: 'https://x.example/a', message: '' }],
    ['media', { number: '5511999999999', mediaType: 'audio', mediaBase64: 'eA==', isVoice: false, waveform: 'w', duration: 3 }],
    [
      'media',
      {
        number: '5511999999999',
        mediaType: 'document',
        mediaUrl: null,
        mediaBase64: 'eA==',
        message: null,
        mimeType: null,
        fileName: null,
        isVoice: null,
      },
    ],
  ] as const)('hands %s on to an engine that speaks it as it came, key by key', (kind, body) => {
    expect(requestOf(outgoingSchemas[kind].parse(body))).toEqual(body);
  });

  it('reads a message into neutral words', () => {
    const body = {
      number: ' 5511999999999 ',
      mediaType: 'audio',
      mediaUrl: 'https://x.example/a.ogg',
      isVoice: true,
      replyTo: 'A',
    };
    expect(outgoingSchemas.media.parse({ ...body, source: 'chatwoot', delay: 2, duration: 3 })).toEqual({
      kind: 'media',
      recipient: '5511999999999',
      file: { type: 'audio', content: { kind: 'url', url: 'https://x.example/a.ogg' }, isVoice: true },
      quotedId: 'A',
      source: 'chatwoot',
      delaySeconds: 2,
      extras: { duration: 3 },
    });
  });
});

describe('a stored reply', () => {
  const file = { caption: 'Oi', mimeType: 'image/png', fileName: 'a.png', isVoice: false };
  const stored = {
    number: '5511999999999',
    part: { kind: 'media', mediaType: 'image', mediaUrl: 'https://x.example/a', ...file },
  };

  it('has the names that rows have always had, and is read from them', () => {
    const reply = storedReplySchema.parse(stored);
    expect(reply).toEqual({
      recipient: '5511999999999',
      part: { kind: 'media', type: 'image', url: 'https://x.example/a', ...file },
    });
    expect(toStored(reply)).toEqual(stored);
  });

  it.each([
    { number: '1@lid', part: { kind: 'text', text: 'Oi' }, quoted: { messageId: 4 } },
    { number: '', part: { kind: 'impossible', reason: 'no number' }, quoted: { whatsappId: 'A' } },
  ])('comes back as it was written: $part.kind', (row) => {
    expect(toStored(storedReplySchema.parse(row))).toEqual(row);
  });
});
