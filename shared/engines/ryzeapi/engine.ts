import type { Engine } from '../engine.ts';
import { isFields } from '../fields.ts';
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
  /** `instanceData` holds the token of the instance, and nothing that is not known here. */
  unpack: ({ body }) => [isFields(body) ? { ...body, instanceData: undefined } : body],
  readEvent: parseWhatsappEvent,
  send,
  fetchFile,
};
