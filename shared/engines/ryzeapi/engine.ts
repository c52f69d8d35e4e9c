import type { Engine } from '../engine.ts';
import { type Fields, isFields } from '../fields.ts';
import { isSecretName } from '../without-secrets.ts';
import { check } from './check.ts';
import { fetchFile, send } from './client.ts';
import { parseWhatsappEvent } from './events/parse-event.ts';

/** RyzeAPI, and whatever speaks its message API and delivers events in its envelope `{event, data, instanceData}`, one at a time. */
export const ryzeapi: Engine = {
  setup: {
    title: 'RyzeAPI',
    tokenIs: 'the TokenInstance or TokenAccount of the RyzeAPI instance',
    proof: 'none',
    tellsConnection: true,
  },
  unpack: ({ body }) => [isFields(body) ? withoutToken(body) : body],
  readEvent: parseWhatsappEvent,
  send,
  fetchFile,
  check,
};

/** `instanceData` holds the token of the instance, and nothing that is not known here. An engine of another kind may be led here by mistake. */
const withoutToken = (body: Fields): Fields =>
  Object.fromEntries(Object.entries(body).filter(([name]) => name !== 'instanceData' && !isSecretName(name)));
