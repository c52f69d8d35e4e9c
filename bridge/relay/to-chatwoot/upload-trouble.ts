import { DeliveryFailure, OutcomeUnknown } from './relay-error.ts';

/** After so many tries a message goes without its file, which follows: a chat must not stand still for a picture. */
const UPLOAD_TRIES = 3;

/**
 * What a failed try to post a message with a file says about the file: `too large` for good, or `passing`, so that the text goes first.
 * Undefined where the file is not to blame, or not yet.
 */
export function uploadTrouble(error: unknown, attempt: number): 'passing' | 'too large' | undefined {
  // It may yet appear: until that is known, nothing is put in its place.
  if (error instanceof OutcomeUnknown) return undefined;
  if (!(error instanceof DeliveryFailure)) return undefined;
  const { response } = error.failure;
  if (response.method !== 'POST' || !/\/messages$/.test(response.url)) return undefined;
  // The first time it is looked for; if it is sent again after that, and there is no answer again, its text goes first.
  if (response.kind === 'failed') return response.sent === 'maybe' && attempt > UPLOAD_TRIES ? 'passing' : undefined;
  const { status } = response;
  if (status === 413) return 'too large';
  const isOfTheFile = status === 400 || status === 408 || status === 415 || status >= 500 || isOf422(response.body, status);
  return isOfTheFile && attempt >= UPLOAD_TRIES ? 'passing' : undefined;
}

/** The flood guard holds back texts just as well. */
const isOf422 = (body: string, status: number): boolean => status === 422 && !/Too many messages/.test(body);
