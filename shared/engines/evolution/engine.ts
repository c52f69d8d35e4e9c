import type { Engine } from '../engine.ts';
import { act } from './client/act.ts';
import { check, pair } from './client/connection.ts';
import { fetchAvatar } from './client/fetch-avatar.ts';
import { fetchFile } from './client/fetch-file.ts';
import { readHistory } from './client/read-history.ts';
import { send } from './client/send.ts';
import { webhook } from './client/webhook.ts';
import { payloadsOf } from './events/payload.ts';
import { readEvent } from './events/read-event.ts';
import { isGenuine } from './proof.ts';

/** Evolution API v2, from 2.2 on, for phones that are paired by a QR code (its Baileys channel). */
export const evolution: Engine = {
  setup: {
    title: 'Evolution API v2',
    tokenIs: 'the apikey of the instance, or the global one',
    nameIs: 'the name of the instance',
    proof: 'own',
    tellsConnection: true,
  },
  unpack: ({ body }) => payloadsOf(body),
  readEvent,
  isGenuine,
  send,
  act,
  fetchFile,
  fetchAvatar,
  readHistory,
  check,
  pair,
  webhook,
};
