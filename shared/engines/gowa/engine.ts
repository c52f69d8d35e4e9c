import type { Engine } from '../engine.ts';
import { act } from './act.ts';
import { check, pair } from './device.ts';
import { fetchAvatar, fetchFile } from './fetch-file.ts';
import { isGenuine } from './proof.ts';
import { readEvent } from './read-event.ts';
import { send } from './send.ts';
import { unpack } from './unpack.ts';
import { webhook } from './webhook.ts';

/** GOWA (go-whatsapp-web-multidevice), from version 8 on, where a process has several devices. */
export const gowa: Engine = {
  setup: {
    title: 'GOWA',
    tokenIs: 'user and password of its Basic authentication, as user:password',
    nameIs: 'the id of the device',
    proof: 'own',
    tellsConnection: false,
  },
  unpack,
  readEvent,
  isGenuine,
  send,
  act,
  fetchFile,
  fetchAvatar,
  check,
  pair,
  webhook,
};
