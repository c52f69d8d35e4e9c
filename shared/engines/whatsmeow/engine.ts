import type { Engine } from '../engine.ts';
import { act } from './act.ts';
import { fetchFile } from './fetch-file.ts';
import { isGenuine } from './proof.ts';
import { readEvent } from './read-event.ts';
import { send } from './send.ts';
import { check, pair } from './session.ts';
import { unpack } from './unpack.ts';
import { webhook } from './webhook.ts';

/** What hands whatsmeow's own events on: wuzapi and evolution-go, which it tells apart by itself. */
export const whatsmeow: Engine = {
  setup: {
    title: 'wuzapi or evolution-go',
    tokenIs: 'the token of the user in wuzapi, or of the instance in evolution-go',
    proof: 'own',
    tellsConnection: true,
  },
  unpack,
  readEvent,
  isGenuine,
  send,
  act,
  fetchFile,
  check,
  pair,
  webhook,
};
