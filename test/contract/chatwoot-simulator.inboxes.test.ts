import { describe, expect, it } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { ACCOUNT, at, numberAt, startChatwoot } from './chatwoot-simulator.fixture.ts';

/** Keys of an API inbox in the order Chatwoot renders them, as an administrator sees them. */
const inboxKeys =
  `id avatar_url channel_id name channel_type greeting_enabled greeting_message working_hours_enabled enable_email_collect
  csat_survey_enabled csat_config enable_auto_assignment auto_assignment_config out_of_office_message working_hours timezone callback_webhook_url
  allow_messages_after_resolved lock_to_single_conversation sender_name_type business_name allowed_domains widget_color website_url
  hmac_mandatory welcome_title welcome_tagline web_widget_script website_token selected_feature_flags reply_time messaging_service_sid
  phone_number hmac_token secret webhook_url inbox_identifier additional_attributes provider`.split(/\s+/);

const crash = '{"status":500,"error":"Internal Server Error"}';

describe('POST inboxes', () => {
  it('answers 200 with every key and the documented defaults', async () => {
    const chatwoot = await startChatwoot();
    const answer = await chatwoot.call('POST', '@/inboxes', {
      name: 'WhatsApp - Orion',
      unknown: 1,
      channel: { type: 'api', webhook_url: 'https://bridge.example/cw/x', additional_attributes: { marker: 'm' } },
    });
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body ?? {})).toEqual(inboxKeys);
    expect(answer.body).toMatchObject({
      id: 1,
      name: 'WhatsApp - Orion',
      channel_type: 'Channel::Api',
      enable_auto_assignment: true,
      allow_messages_after_resolved: true,
      lock_to_single_conversation: false,
      greeting_enabled: false,
      timezone: 'UTC',
      sender_name_type: 'friendly',
      webhook_url: 'https://bridge.example/cw/x',
      additional_attributes: { marker: 'm' },
      hmac_token: expect.stringMatching(/^[1-9A-HJ-NP-Za-km-z]{24}$/),
      secret: expect.stringMatching(/^[1-9A-HJ-NP-Za-km-z]{24}$/),
      inbox_identifier: expect.stringMatching(/^[1-9A-HJ-NP-Za-km-z]{24}$/),
      website_url: null,
      reply_time: null,
    });
    expect(at(answer.body, 'working_hours')).toHaveLength(7);
    expect(at(answer.body, 'working_hours', 0)).toMatchObject({ day_of_week: 0, closed_all_day: true, open_hour: null });
  });

  it.each([
    ['an unknown sender name type', { sender_name_type: 'formal' }, {}, 500, crash],
    ['a portal that does not exist', { portal_id: 7 }, {}, 500, crash],
  ])('answers %s with the exact refusal, and creates nothing', async (_case, values, channel, status, text) => {
    const chatwoot = await startChatwoot();
    const answer = await chatwoot.call('POST', '@/inboxes', {
      name: 'WhatsApp',
      channel: { type: 'api', ...channel },
      ...values,
    });
    expect(answer).toMatchObject({ status, text });
    expect(chatwoot.state.inboxes()).toEqual([]);
  });

  it('writes validation texts in English, whatever the language of the account', async () => {
    const chatwoot = await startChatwoot();
    chatwoot.state.addAccount({ id: ACCOUNT, locale: 'pt_BR' });
    const answer = await chatwoot.call('POST', '@/inboxes', { channel: { type: 'api' } });
    expect(answer).toMatchObject({ status: 422, body: { message: "Name can't be blank", attributes: ['name'] } });
  });
});

describe('the other inbox calls', () => {
  it('list by lower-cased name, and show an agent only the inboxes he is a member of, without the secrets', async () => {
    const chatwoot = await startChatwoot();
    const agent = chatwoot.state.addUser({ name: 'Bia', accounts: [{ id: ACCOUNT, role: 'agent' }] });
    for (const name of ['b', 'C', 'a']) await chatwoot.createInbox({ name });
    const all = await chatwoot.call('GET', '@/inboxes');
    expect([0, 1, 2].map((index) => at(all.body, 'payload', index, 'name'))).toEqual(['a', 'b', 'C']);
    expect((await chatwoot.call('GET', '@/inboxes', undefined, { token: agent })).text).toBe('{"payload":[]}');
    const userId = chatwoot.state.users().find((user) => user.name === 'Bia')?.id;
    const added = await chatwoot.call('POST', '@/inbox_members', { inbox_id: 1, user_ids: [userId] });
    expect(added).toMatchObject({ status: 200, body: { payload: [{ name: 'Bia', role: 'agent' }] } });
    const own = await chatwoot.call('GET', '@/inboxes', undefined, { token: agent });
    expect(at(own.body, 'payload', 0)).toMatchObject({ id: 1, webhook_url: null });
    expect(own.text).not.toMatch(/"(hmac_token|secret)"/);
    expect(await chatwoot.call('POST', '@/inbox_members', { inbox_id: 1 })).toMatchObject({ status: 500 });
  });

  it('delete later: 200 at once and again, still listed meanwhile, then 404, and the contacts stay', async () => {
    const chatwoot = await startChatwoot({ deletionDelayMs: 300 });
    const { inboxId, contactId, conversation } = await chatwoot.createChat();
    const first = await chatwoot.call('DELETE', `@/inboxes/${inboxId}`);
    expect(first).toMatchObject({
      status: 200,
      text: '{"message":"Your inbox deletion request will be processed in some time."}',
    });
    expect((await chatwoot.call('DELETE', `@/inboxes/${inboxId}`)).status).toBe(200);
    const listed = await chatwoot.call('GET', '@/inboxes');
    expect(numberAt(listed.body, 'payload', 0, 'id')).toBe(inboxId);
    await waitFor(async () => (await chatwoot.call('GET', `@/inboxes/${inboxId}`)).status === 404);
    expect((await chatwoot.call('DELETE', `@/inboxes/${inboxId}`)).status).toBe(404);
    expect((await chatwoot.call('GET', `@/conversations/${conversation}`)).status).toBe(404);
    const contact = await chatwoot.call('GET', `@/contacts/${contactId}`);
    expect(at(contact.body, 'payload', 'contact_inboxes')).toEqual([]);
  });

  it('say so in the language of the account', async () => {
    const chatwoot = await startChatwoot();
    chatwoot.state.addAccount({ id: ACCOUNT, locale: 'pt_BR' });
    const answer = await chatwoot.call('DELETE', `@/inboxes/${await chatwoot.createInbox()}`);
    expect(at(answer.body, 'message')).toBe('Seu pedido de exclusão da caixa de entrada será processado dentro de algum tempo.');
  });
});
