import assert from 'node:assert/strict';
import type { Case, Chat, Chatwoot } from '../case.ts';
import { answers, matches, succeeds } from '../check.ts';
import { type Answer, at, listAt } from '../target.ts';

type FileValue = [name: string, type: string, bytes: string];

/** The smallest GIF there is: a picture that an analysis can read. */
const GIF = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64').toString('latin1');

async function postFiles(
  { call }: Chatwoot,
  chat: Chat,
  files: readonly FileValue[],
  values: Record<string, string> = {},
): Promise<Answer> {
  const form = new FormData();
  for (const [key, value] of Object.entries(values)) form.append(key, value);
  for (const [name, type, bytes] of files) form.append('attachments[]', new Blob([Buffer.from(bytes, 'latin1')], { type }), name);
  return call('POST', chat.messages, form);
}

const namesOf = (answer: Answer): string[] =>
  listAt(answer.body, 'attachments').map((item) => {
    const { pathname } = new URL(String(at(item, 'data_url')));
    return decodeURIComponent(pathname.split('/').at(-1) ?? '');
  });

/** Files: sent along with a message, and fetched again. */
export const files: Case[] = [
  {
    name: 'the kind of a file is told by the type of its part alone',
    async run(chatwoot) {
      const kinds = [
        ['a.gif', 'image/gif', GIF, 'image'],
        ['b.webp', 'image/webp', 'x', 'image'],
        ['c.svg', 'image/svg+xml', '<svg/>', 'file'],
        ['d.ogg', 'audio/ogg; codecs=opus', 'x', 'audio'],
        ['e.mp4', 'video/mp4', 'x', 'video'],
        ['f.mkv', 'video/x-matroska', 'x', 'file'],
        ['g.pdf', 'application/pdf', '%PDF-', 'file'],
      ] as const;
      const chat = await chatwoot.chat();
      for (const [name, type, bytes, kind] of kinds) {
        const answer = await postFiles(chatwoot, chat, [[name, type, bytes]], { message_type: 'incoming' });
        succeeds(answer);
        matches(listAt(answer.body, 'attachments'), [{ file_type: kind, file_size: bytes.length }]);
        const extension = chatwoot.since('4.13.0') ? name.split('.')[1] : null;
        assert.equal(at(answer.body, 'attachments', 0, 'extension'), extension);
        assert.equal('content_type' in Object(at(answer.body, 'attachments', 0)), chatwoot.since('4.13.0'));
      }
    },
  },
  {
    name: 'a form carries text, source id and attributes as JSON; is_voice_message is taken and shown nowhere',
    async run(chatwoot) {
      const chat = await chatwoot.chat();
      const quoted = await chatwoot.post(chat, { content: 'a' });
      const source_id = chatwoot.unique('WAID:file');
      const content_attributes = JSON.stringify({ in_reply_to: quoted });
      const values = { content: 'line\nbreak', message_type: 'incoming', private: 'false', source_id, content_attributes };
      const answer = await postFiles(chatwoot, chat, [['v.mp3', 'audio/mpeg', 'x']], { ...values, is_voice_message: 'true' });
      succeeds(answer, { message_type: 0, private: false, source_id, content_attributes: { in_reply_to: quoted } });
      assert.equal(answer.text.includes('is_voice_message'), false);
    },
  },
  {
    name: 'a file comes back byte for byte, without a token, after a redirect; it may be missing for a moment',
    async run(chatwoot) {
      const bytes = Array.from({ length: 300 }, (_, index) => String.fromCharCode(index % 256)).join('');
      const answer = await postFiles(chatwoot, await chatwoot.chat(), [['file.bin', 'application/octet-stream', bytes]]);
      const address = String(at(answer.body, 'attachments', 0, 'data_url'));
      assert.equal(new URL(address).pathname.startsWith('/rails/active_storage/blobs/redirect/'), true, address);
      // Chatwoot writes the address it believes it has.
      const path = new URL(address).pathname;
      await chatwoot.eventually(
        'the file is there',
        async () => (await fetch(chatwoot.target.url + path, { redirect: 'manual' })).status === 302,
      );
      const download = await fetch(chatwoot.target.url + path);
      assert.equal(Buffer.from(await download.arrayBuffer()).toString('latin1'), bytes);
    },
  },
  {
    name: 'the address of an audio file asks for inline since 4.13.0, and a picture has a smaller one beside it',
    async run(chatwoot) {
      const chat = await chatwoot.chat();
      const audio = await postFiles(chatwoot, chat, [['a.ogg', 'audio/ogg', 'x']]);
      const isInline = /\?disposition=inline$/.test(String(at(audio.body, 'attachments', 0, 'data_url')));
      assert.equal(isInline, chatwoot.since('4.13.0'));
      const image = await postFiles(chatwoot, chat, [['a.gif', 'image/gif', GIF]]);
      assert.doesNotMatch(String(at(image.body, 'attachments', 0, 'data_url')), /\?/);
      assert.match(String(at(image.body, 'attachments', 0, 'thumb_url')), /\/rails\/active_storage\/representations\/redirect\//);
    },
  },
  {
    name: 'names lose their path, percent codes are read, and what means something in addresses becomes a hyphen',
    async run(chatwoot) {
      const chat = await chatwoot.chat();
      const names = [
        ['relatório final.pdf', 'relatório final.pdf'],
        ['50% off.pdf', '50- off.pdf'],
        ['a;b.pdf', 'a-b.pdf'],
        ['a%20b.pdf', 'a b.pdf'],
        ['dir/file.pdf', 'file.pdf'],
      ] as const;
      for (const [sent, kept] of names) {
        assert.deepEqual(namesOf(await postFiles(chatwoot, chat, [[sent, 'application/pdf', 'x']])), [kept]);
      }
    },
  },
  {
    name: 'several files of a message are told apart by their ids, which are in the order of upload; the list is in none',
    async run(chatwoot) {
      const files = Array.from({ length: 16 }, (_, index): FileValue => [`${index}.txt`, 'text/plain', 'x'.repeat(index + 1)]);
      const { ask, target } = chatwoot;
      const chat = await chatwoot.chat();
      const form = new FormData();
      for (const [name, type, bytes] of files) form.append('attachments[]', new Blob([bytes], { type }), name);
      // More than the fifteen that are declared as the limit.
      const answer = await ask('POST', chat.messages, form);
      succeeds(answer);
      const sorted = [...listAt(answer.body, 'attachments')].sort((a, b) => Number(at(a, 'id')) - Number(at(b, 'id')));
      assert.deepEqual(
        sorted.map((item) => at(item, 'file_size')),
        files.map(([, , bytes]) => bytes.length),
        target.version,
      );
    },
  },
  {
    name: 'text in place of a file is taken for the id of an upload, and a bogus one is a 422',
    async run({ call, chat }) {
      const { messages } = await chat();
      const answer = await call('POST', messages, { content: 'x', attachments: ['no-such-upload'] });
      answers(answer, 422, { error: 'mismatched digest' });
    },
  },
  {
    name: "a contact's picture is in the answer that takes it",
    async run({ call, contact, sharedInbox }) {
      const { id } = await contact(await sharedInbox());
      const form = new FormData();
      form.append('avatar', new Blob([Buffer.from(GIF, 'latin1')], { type: 'image/gif' }), 'a.gif');
      const answer = await call('PUT', `@/contacts/${id}`, form);
      succeeds(answer);
      assert.match(String(at(answer.body, 'payload', 'thumbnail')), /\/rails\/active_storage\//);
    },
  },
];
