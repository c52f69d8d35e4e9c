import { z } from 'zod';
import { actionSchema, avatarAnswerSchema } from '../../../shared/engines/ryzeapi/action-request.ts';
import { messageMediaSchema } from '../../../shared/engines/ryzeapi/message-answer.ts';
import { mediaMessageSchema, textMessageSchema } from '../../../shared/engines/ryzeapi/message-request.ts';
import { ENGINE_ERRORS } from '../errors.ts';
import type { Operation } from '../operation.ts';

const sent = z
  .looseObject({})
  .meta({ description: 'The answer of the WhatsApp engine as it stands; RyzeAPI has `data.messageId`.' });

export const messageOperations: readonly Operation[] = [
  {
    method: 'post',
    path: '/api/events/ingest/{instance}',
    id: 'ingestEvent',
    tag: 'Messages',
    summary: 'Deliver an event of the WhatsApp engine',
    description:
      'In the envelope of RyzeAPI’s webhooks. The event is stored before it is acknowledged: on anything but 200, deliver it again; a second delivery is recognised.',
    caller: 'engine',
    parameters: [
      {
        in: 'query',
        name: 'token',
        description: 'The token, for an engine that can be given nothing but a URL.',
        schema: { type: 'string' },
      },
    ],
    body: z.looseObject({ event: z.string().meta({ examples: ['message.exchange'] }) }),
    example: {
      event: 'message.exchange',
      data: {
        id: '3EB0C431C26A1D5E',
        direction: 'incoming',
        chat: { jid: '5511987654321@s.whatsapp.net' },
        message: { type: 'text', content: 'Hello!' },
      },
    },
    answers: [
      {
        status: 200,
        description: 'Taken in; `unwanted` when the instance has no integration that would want it.',
        schema: z.object({ success: z.literal(true), status: z.enum(['stored', 'duplicate', 'unwanted']) }),
      },
    ],
    errors: [],
  },
  {
    method: 'post',
    path: '/api/message/text/{instance}',
    id: 'sendText',
    tag: 'Messages',
    summary: 'Send a text through the instance’s WhatsApp engine',
    description: 'Keys that are not named here are passed on as they are.',
    caller: 'customer',
    body: textMessageSchema,
    example: { number: '5511987654321', message: 'Hello!' },
    answers: [{ status: 200, description: 'Sent.', schema: sent }],
    errors: ENGINE_ERRORS,
  },
  {
    method: 'post',
    path: '/api/message/media/{instance}',
    id: 'sendMedia',
    tag: 'Messages',
    summary: 'Send a file through the instance’s WhatsApp engine',
    description: 'With exactly one of `mediaUrl` and `mediaBase64`. Keys that are not named here are passed on as they are.',
    caller: 'customer',
    body: mediaMessageSchema,
    example: {
      number: '5511987654321',
      mediaType: 'image',
      mediaUrl: 'https://files.example.com/picture.png',
      message: 'The picture',
    },
    answers: [{ status: 200, description: 'Sent.', schema: sent }],
    errors: ENGINE_ERRORS,
  },
  {
    method: 'get',
    path: '/api/message/media/{instance}/{messageId}',
    id: 'getMedia',
    tag: 'Messages',
    summary: 'Fetch the file of a message from the WhatsApp engine',
    description: 'As the engine answers it.',
    caller: 'customer',
    parameters: [
      { in: 'path', name: 'messageId', description: 'Id of the message in WhatsApp.', schema: { type: 'string' } },
      {
        in: 'query',
        name: 'reference',
        description: 'What the event says of the file, for engines that need it.',
        schema: { type: 'string' },
      },
    ],
    answers: [{ status: 200, description: 'The file.', schema: messageMediaSchema.partial() }],
    errors: ENGINE_ERRORS,
  },
  {
    method: 'post',
    path: '/api/message/action/{instance}',
    id: 'actOnMessage',
    tag: 'Messages',
    summary: 'Delete a message for everyone, edit it, or react to it',
    description: 'Where the kind of the engine can do it; else 501 `engine_cannot`.',
    caller: 'customer',
    body: actionSchema,
    example: { kind: 'reaction', number: '5511987654321', messageId: '3EB0C431C26A1D5E', emoji: '👍' },
    answers: [{ status: 200, description: 'Done.', schema: sent }],
    errors: ENGINE_ERRORS,
  },
  {
    method: 'get',
    path: '/api/message/avatar/{instance}/{address}',
    id: 'getAvatar',
    tag: 'Messages',
    summary: 'Tell where the picture of a person or group is',
    description: 'Where the kind of the engine tells it; else 501 `engine_cannot`.',
    caller: 'customer',
    parameters: [
      { in: 'path', name: 'address', description: 'A phone number with its country code, or a JID.', schema: { type: 'string' } },
    ],
    answers: [{ status: 200, description: 'The address; null where there is no picture.', schema: avatarAnswerSchema }],
    errors: ENGINE_ERRORS,
  },
];
