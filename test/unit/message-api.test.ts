import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMessageApi, type Sending } from '../../bridge/relay/to-whatsapp/message-api.ts';
import type { Part } from '../../bridge/relay/to-whatsapp/parts.ts';
import { en } from '../../bridge/texts/en.ts';
import { pt } from '../../bridge/texts/pt.ts';

interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the connection instead, with the request read. */
  readonly cut?: true;
}
interface Asked {
  readonly path: string | undefined;
  readonly method: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
}

const SENT: Answer = { status: 201, body: { success: true, data: { messageId: 'WA1' } } };
let answer: Answer = SENT;
let asked: Asked[] = [];
let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { url: path, method, headers } = request;
    asked.push({ path, method, headers, body: JSON.parse(Buffer.concat(chunks).toString()) });
    if (answer.cut) return void request.socket.destroy();
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

const TEXT: Part = { kind: 'text', text: 'bom dia' };
const PICTURE: Part = {
  kind: 'media',
  type: 'image',
  url: 'https://chat.example.com/a.png',
  caption: 'look',
  mimeType: 'image/png',
  fileName: 'a.png',
  isVoice: false,
};
const RECORDING: Part = { ...PICTURE, type: 'audio', caption: '', mimeType: '', isVoice: true };
const REVOKE: Part = { kind: 'revoke', whatsappId: 'WA7' };

async function send(part: Part, given: Answer = SENT, more: Partial<Sending> = {}) {
  answer = given;
  asked = [];
  const key = { integrationId: 'int_1', chatwootMessageId: 40, part: 2 };
  const reply = { recipient: '5511988887777', part };
  const api = createMessageApi({ bridgeToken: 'bridge-token' });
  return api.send({ ryzeapiUrl: url, instanceId: 'ins 1', key, reply, quotedId: undefined, texts: en, ...more });
}
const error = (code: string | undefined, message = 'as the api says'): unknown => ({ success: false, error: { code, message } });

describe('a reply goes to the api', () => {
  it('as a text, under a key of its own, and with a source by which its echo is known', async () => {
    expect(await send(TEXT)).toEqual({ kind: 'sent', whatsappId: 'WA1' });
    expect(asked).toMatchObject([
      {
        method: 'POST',
        path: '/api/message/text/ins%201',
        headers: { authorization: 'Bearer bridge-token', 'idempotency-key': 'int_1:40:2' },
        body: { number: '5511988887777', message: 'bom dia', source: 'chatwoot:int_1:40:2' },
      },
    ]);
    expect(asked[0]?.body).not.toHaveProperty('replyTo');
  });

  it('with what it quotes and whom it mentions', async () => {
    await send(TEXT, SENT, { quotedId: 'WA0', reply: { recipient: '12@g.us', part: TEXT, mentions: ['5511900000000'] } });
    expect(asked[0]?.body).toMatchObject({ number: '12@g.us', replyTo: 'WA0', mention: ['5511900000000'] });
  });

  it('as a file, by its address', async () => {
    await send(PICTURE);
    expect(asked[0]?.path).toBe('/api/message/media/ins%201');
    expect(asked[0]?.body).toEqual({
      number: '5511988887777',
      mediaType: 'image',
      mediaUrl: 'https://chat.example.com/a.png',
      message: 'look',
      mimeType: 'image/png',
      fileName: 'a.png',
      source: 'chatwoot:int_1:40:2',
    });
  });

  it('as a recording that says so, without the caption and the type that it has not', async () => {
    await send(RECORDING);
    expect(asked[0]?.body).toMatchObject({ mediaType: 'audio', isVoice: true });
    expect(Object.keys(asked[0]?.body ?? {})).not.toEqual(expect.arrayContaining(['message']));
    expect(asked[0]?.body).not.toHaveProperty('mimeType');
    await send({ ...RECORDING, isVoice: false });
    expect(asked[0]?.body).toMatchObject({ isVoice: false });
  });

  it('as the deletion of what was sent, which is no message of its own', async () => {
    expect(await send(REVOKE)).toEqual({ kind: 'sent', whatsappId: undefined });
    expect(asked).toMatchObject([
      {
        path: '/api/message/action/ins%201',
        body: { kind: 'revoke', number: '5511988887777', messageId: 'WA7', isOurs: true },
      },
    ]);
    expect(await send(REVOKE, { status: 501, body: error('engine_cannot') })).toEqual({
      kind: 'refused',
      reason: 'as the api says',
      mayPass: false,
    });
  });

  it('not at all, where it cannot be sent', async () => {
    expect(await send({ kind: 'impossible', reason: 'the card is empty' })).toEqual({
      kind: 'refused',
      reason: 'the card is empty',
    });
    expect(asked).toEqual([]);
  });
});

describe('what the api answers means', () => {
  it.each([
    'engine_unreachable',
    'engine_not_connected',
    'engine_rate_limited',
    'rate_limited',
    'database_unavailable',
    'too_many_large_requests',
    'shutting_down',
    'invalid_token',
  ])('for %s that it was not sent, and is to be tried again', async (code) => {
    expect(await send(TEXT, { status: 502, body: error(code) })).toEqual({
      kind: 'later',
      reason: 'as the api says',
      afterMs: undefined,
    });
  });

  it('when to try again, where it says so', async () => {
    const headers = { 'retry-after': '7' };
    expect(await send(TEXT, { status: 503, body: error('engine_rate_limited'), headers })).toMatchObject({ afterMs: 7_000 });
  });

  it.each(['engine_outcome_unknown', 'internal'])('for %s that nobody knows', async (code) => {
    expect(await send(TEXT, { status: 500, body: error(code) })).toEqual({ kind: 'unknown' });
  });

  it('for any other code that it was refused, whatever the status', async () => {
    expect(await send(TEXT, { status: 500, body: error('engine_refused', 'no such number') })).toEqual({
      kind: 'refused',
      reason: 'no such number',
      mayPass: false,
    });
  });

  it('in the agents’ language, as far as the code is known', async () => {
    const body = error('engine_refused', 'the WhatsApp engine refused the message: x');
    expect(await send(TEXT, { status: 502, body }, { texts: pt })).toMatchObject({
      reason: 'o engine do WhatsApp recusou a mensagem: x',
    });
  });

  it('that it was sent, though the id is not told', async () => {
    expect(await send(TEXT, { status: 200, body: { success: true } })).toEqual({ kind: 'sent', whatsappId: undefined });
  });

  it('nothing, where a success is none that the api has: it may have been sent', async () => {
    expect(await send(TEXT, { status: 200, body: 'OK' })).toEqual({ kind: 'unknown' });
    expect(await send(TEXT, { status: 299, body: '[]' })).toEqual({ kind: 'unknown' });
  });

  it('that there is no api, where a page of some web server comes', async () => {
    const page: Answer = { status: 200, body: '<html>', headers: { 'content-type': 'text/html; charset=utf-8' } };
    expect(await send(TEXT, page)).toMatchObject({ kind: 'refused', reason: en.replyReasons.noApi });
  });

  it.each([
    [429, { kind: 'later', reason: en.apiStatus(429), afterMs: 3_000 }],
    [503, { kind: 'later', reason: en.apiStatus(503), afterMs: 3_000 }],
    [500, { kind: 'unknown' }],
    [502, { kind: 'unknown' }],
    [504, { kind: 'unknown' }],
    [499, { kind: 'refused', reason: en.apiStatus(499) }],
    [404, { kind: 'refused', reason: en.apiStatus(404) }],
    [300, { kind: 'refused', reason: en.apiStatus(300) }],
  ])('by its status, where a proxy answered in its place: %i', async (status, outcome) => {
    const headers = { 'retry-after': '3', 'content-type': 'text/html' };
    const seen = await send(TEXT, { status, body: '<html>', headers });
    expect(seen).toEqual(outcome.kind === 'refused' ? { ...outcome, mayPass: false } : outcome);
  });

  it('by its status, too, where the error has no code, with the text that it has', async () => {
    expect(await send(TEXT, { status: 400, body: error(undefined, 'bad number') })).toMatchObject({
      kind: 'refused',
      reason: 'bad number',
    });
    expect(await send(TEXT, { status: 500, body: error(undefined) })).toEqual({ kind: 'unknown' });
  });

  it('that it was not sent, where nobody listens', async () => {
    const nowhere = await new Promise<string>((resolve) => {
      const closing = createServer().listen(0, '127.0.0.1', () => {
        const { port } = closing.address() as AddressInfo;
        closing.close(() => resolve(`http://127.0.0.1:${port}`));
      });
    });
    const outcome = await send(TEXT, SENT, { ryzeapiUrl: nowhere });
    expect(outcome).toMatchObject({ kind: 'later', afterMs: undefined });
    expect(outcome.kind === 'later' ? outcome.reason : '').toMatch(/^the api is unreachable: .*ECONNREFUSED/);
  });

  it('nothing, where the connection ends without an answer', async () => {
    expect(await send(TEXT, { status: 0, cut: true })).toEqual({ kind: 'unknown' });
  });
});

describe('a file that the engine could not fetch may be there in a moment', () => {
  const refusedWith = async (part: Part, message: string, code = 'engine_refused') => {
    const outcome = await send(part, { status: 502, body: error(code, message) });
    return outcome.kind === 'refused' ? outcome.mayPass : outcome.kind;
  };

  it.each([
    'HTTP 404 from the address',
    'HTTP 503 from the address',
    'Failed to download media',
    'could not fetch the file',
    'unable to retrieve media',
    'file not found',
    'host unreachable',
    'the host refused connection',
    'dial: connection refused',
    'no such host',
    'dial tcp 10.0.0.1:443',
    'timeout of 5000 ms',
    'timed out',
    'time-out',
    'Request failed with status code 404',
    'status code: 502',
    'status: 500',
    'status 404',
  ])('as with %s', async (message) => {
    expect(await refusedWith(PICTURE, message)).toBe(true);
  });

  it.each([
    'HTTP 401 on download',
    'HTTP 403 on download',
    'HTTP 413 on download',
    'HTTP 415 on download',
    'download: the file is too large',
    'download exceeds the limit',
    'this file type is not supported',
    'HTTP 400: bad request',
    'status code 400',
  ])('not so with %s', async (message) => {
    expect(await refusedWith(PICTURE, message)).toBe(false);
  });

  it('which is no matter for a text, nor where it is not the engine that says so', async () => {
    expect(await refusedWith(TEXT, 'not found')).toBe(false);
    expect(await refusedWith(PICTURE, 'not found', 'instance_not_found')).toBe(false);
  });
});
