import type { Engine } from '../engine.ts';
import { fetchAvatar, fetchFile } from './fetch-file.ts';
import { isGenuine } from './proof.ts';
import { readEvent } from './read-event.ts';
import { readHistory } from './read-history.ts';
import { act, send } from './send.ts';
import { check, pair } from './session.ts';
import { unpack } from './unpack.ts';
import { webhook } from './webhook.ts';

/** WAHA, with any of the engines below it: NOWEB, GOWS and WEBJS. */
export const waha: Engine = {
  setup: {
    title: 'WAHA',
    tokenIs: 'the API key of WAHA (X-Api-Key), in plain even where its settings hold a hash',
    nameIs: 'the session',
    proof: 'own',
    tellsConnection: true,
    // The free edition before 2026.6 keeps its configuration in memory only.
    forgetsWebhook: true,
  },
  unpack,
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
