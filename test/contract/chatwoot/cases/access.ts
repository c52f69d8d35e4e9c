import assert from 'node:assert/strict';
import { type Case, NotChecked } from '../case.ts';
import { answers, matches, notFound, succeeds } from '../check.ts';
import { at, listAt } from '../target.ts';

const badRequest = { status: 400, error: 'Bad Request' };
const NO_ACCOUNT = 987_654_321;

/** Who may call, and what is no call at all. */
export const access: Case[] = [
  {
    name: 'GET /api tells the version to anybody, and whether queue and database serve',
    async run({ ask, target, observe }) {
      // The first call after a start says `failing` of a database that is well.
      await ask('GET', '/api', undefined, { token: null });
      const answer = await ask('GET', '/api', undefined, { token: null });
      succeeds(answer, { version: target.version, queue_services: 'ok', data_services: 'ok' });
      assert.match(String(at(answer.body, 'timestamp')), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/);
      observe('keys of GET /api', Object.keys(answer.body ?? {}).sort());
    },
  },
  {
    name: "GET profile lists the user's accounts with role and status",
    async run({ ask, target, observe }) {
      const answer = await ask('GET', '/api/v1/profile');
      const account = listAt(answer.body, 'accounts').find((entry) => at(entry, 'id') === target.accountId);
      matches(account, { id: target.accountId, role: 'administrator', status: 'active' });
      observe('role and status in GET profile', { role: at(account, 'role'), status: at(account, 'status') });
    },
  },
  {
    name: 'the token is taken in a header written with hyphens',
    async run({ call, sharedInbox, target }) {
      const id = await sharedInbox();
      const headers = { 'api-access-token': target.token };
      assert.equal((await call('GET', `@/inboxes/${id}`, undefined, { token: null, headers })).status, 200);
    },
  },
  {
    name: 'an unknown token, no token and a blank one are told apart by the body',
    async run({ call }) {
      const signIn = { errors: ['You need to sign in or sign up before continuing.'] };
      for (const path of ['@/inboxes?locale=en', '/api/v1/profile?locale=en']) {
        answers(await call('GET', path, undefined, { token: null }), 401, signIn);
        answers(await call('GET', path, undefined, { token: ' ' }), 401, signIn);
        answers(await call('GET', path, undefined, { token: 'no-such-token' }), 401, { error: 'Invalid Access Token' });
      }
    },
  },
  {
    name: 'an account that is not there is a 404, whether its id is a number or not, and a bad token hides it',
    async run({ call }) {
      for (const id of [NO_ACCOUNT, 'abc']) answers(await call('GET', `/api/v1/accounts/${id}/inboxes`), 404, notFound);
      const hidden = await call('GET', `/api/v1/accounts/${NO_ACCOUNT}/inboxes`, undefined, { token: 'no-such-token' });
      answers(hidden, 401, { error: 'Invalid Access Token' });
    },
  },
  {
    name: 'an agent may neither make nor change nor see an inbox: 401, always in English',
    needs: 'agent',
    async run({ call, sharedInbox, target }) {
      const refusal = { error: 'You are not authorized to do this action' };
      const options = { token: target.agentToken };
      const id = await sharedInbox();
      answers(await call('POST', '@/inboxes', { name: 'x', channel: { type: 'api' } }, options), 401, refusal);
      answers(await call('PATCH', `@/inboxes/${id}`, { name: 'x' }, options), 401, refusal);
      answers(await call('DELETE', `@/inboxes/${id}`, undefined, options), 401, refusal);
      answers(await call('GET', `@/inboxes/${id}`, undefined, options), 401, refusal);
      answers(await call('DELETE', '@/inboxes/987654321', undefined, options), 404, notFound);
    },
  },
  {
    name: 'an agent is shown no conversation of an inbox that is not his',
    needs: 'agent',
    async run({ call, chat, target }) {
      const refusal = { error: 'You are not authorized to do this action' };
      const { conversation, messages } = await chat();
      const options = { token: target.agentToken };
      answers(await call('GET', `@/conversations/${conversation}`, undefined, options), 401, refusal);
      answers(await call('POST', messages, { content: 'x' }, options), 401, refusal);
    },
  },
  {
    name: 'a path that nobody serves is a 404 of Rails, told apart from that of a missing record',
    async run({ call }) {
      answers(await call('GET', '/api/v1/no-such-thing'), 404, { status: 404, error: 'Not Found' });
    },
  },
  {
    name: 'the dashboard answers every GET below /app with a page: 200 alone is no success',
    async run({ ask, observe }) {
      const answer = await ask('GET', '/app/api/v1/accounts/1/inboxes', undefined, { headers: { accept: '*/*' } });
      if (answer.status === 500) throw new NotChecked('this installation has no dashboard: its pages answer 500');
      assert.equal(answer.status, 200);
      assert.match(answer.contentType, /^text\/html/);
      observe('content type below /app', answer.contentType);
    },
  },
  {
    name: 'a body that is no JSON, no UTF-8, or has half of a surrogate pair is a 400',
    async run({ call, chat }) {
      const { messages } = await chat();
      answers(await call('POST', messages, '{"content":'), 400, badRequest);
      answers(await call('POST', messages, '{"content":"\\ud83d"}'), 400, badRequest);
      answers(
        await call('POST', messages, Buffer.from([...Buffer.from('{"content":"'), 0xff, ...Buffer.from('"}')])),
        400,
        badRequest,
      );
    },
  },
];
