import type { Engine } from '../engine.ts';
import { fetchFile } from './fetch-file.ts';
import { GRAPH_VERSION } from './graph.ts';
import { check } from './number.ts';
import { answerVerification, isGenuine } from './proof.ts';
import { readEvent } from './read-event.ts';
import { act, send } from './send.ts';
import { unpack } from './unpack.ts';
import { webhook } from './webhook.ts';

/** Meta's WhatsApp Cloud API. What was typed on the phone comes from coexistence numbers only; nothing is edited or deleted by it. */
export const cloud: Engine = {
  setup: {
    title: 'WhatsApp Cloud API (Meta)',
    defaultUrl: `https://graph.facebook.com/${GRAPH_VERSION}`,
    tokenIs: 'a permanent access token of a system user with whatsapp_business_messaging and whatsapp_business_management',
    nameIs: 'the phone number ID',
    nameForm: /^\d{5,30}$/,
    secretIs: 'the app secret',
    proof: 'told',
    tellsConnection: false,
  },
  unpack,
  readEvent,
  isGenuine,
  answerVerification,
  send,
  act,
  fetchFile,
  check,
  webhook,
};
