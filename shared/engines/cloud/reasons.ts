import { type Fields, fieldsOf, labelOf, numberOf } from '../fields.ts';

/** What an error of the Cloud API calls for. */
export type ErrorActs = 'wait' | 'slow-down' | 'give-up';

export interface CloudReason {
  readonly acts: ErrorActs;
  /** What happened and what to do, for the agent. */
  readonly text: string;
}

const SLOW_DOWN = new Set([4, 80007, 130429, 131048, 131056]);
const WAIT = new Set([2, 131000, 131016, 131057, 133004, 133005]);
const TOKEN = new Set([0, 3, 10, 190]);
const LOCKED = new Set([368, 130497, 131031]);
const OURS = new Set([33, 100, 131008, 131009, 131021]);

/** Next steps by code (Meta's list of error codes); empty where the API's own text has to do. */
function nextStep(code: number): string {
  if (code === 131047) {
    return 'more than 24 hours have passed since the customer last wrote, so WhatsApp takes only a template — send an approved template, or wait until the customer writes again';
  }
  if (code === 131026) return 'the number is not on WhatsApp, or cannot get this message — ask the customer on another channel';
  if (TOKEN.has(code) || (code >= 200 && code <= 219)) {
    return 'the access token is not valid or lacks a permission — make a permanent token of a system user with whatsapp_business_messaging and whatsapp_business_management, and change it here';
  }
  if (code >= 131051 && code <= 131053) return 'WhatsApp does not take this file — send it in another format or smaller';
  if (LOCKED.has(code)) return 'Meta has restricted this account — see the WhatsApp Manager';
  if (code >= 133000 && code <= 133010 && !WAIT.has(code)) {
    return 'the phone number is not registered with the Cloud API — register it in the WhatsApp Manager';
  }
  if (code === 130472) return 'Meta holds marketing messages to this customer back in an experiment';
  if (code >= 132000 && code <= 132999) return 'the template cannot be sent as it is — see it in the WhatsApp Manager';
  if (OURS.has(code)) return 'the Cloud API does not take this message as it is';
  return '';
}

/** What an `error` of an answer, or one of the `errors` of a status, means. */
export function reasonOf(error: Fields): CloudReason {
  const code = numberOf(error, 'code');
  const details = labelOf(fieldsOf(error.error_data), 'details');
  const told = details || labelOf(error, 'message', 'title') || 'no reason given';
  const known = code === undefined ? '' : nextStep(code);
  const suffix = code === undefined ? '' : ` (code ${code})`;
  return {
    acts: actsOf(code),
    text: known === '' ? `${told}${suffix}` : `${known}. WhatsApp: ${told}${suffix}`,
  };
}

function actsOf(code: number | undefined): ErrorActs {
  if (code === undefined) return 'give-up';
  if (SLOW_DOWN.has(code)) return 'slow-down';
  return WAIT.has(code) ? 'wait' : 'give-up';
}
