import { z } from 'zod';
import { parseJson } from '../../http/parse-json.ts';

/** Where a file is: below GOWA's address, or to be downloaded by its message's id in a chat. */
const referenceSchema = z.object({ path: z.string(), chat: z.string() });
type Reference = z.infer<typeof referenceSchema>;

export const writeReference = (reference: Reference): string => JSON.stringify(reference);
export const readReference = (text: string): Reference | undefined => referenceSchema.safeParse(parseJson(text)).data;

/** Only what GOWA serves as files, so that an event cannot have us ask for anything else with the password of its owner. */
const FILES = /^\/?statics\/(?:[\w.@()+ -]+\/)*[\w.@()+ -]+$/;

/** The address of a file; undefined for a path that leads anywhere else. */
export function fileUrl(baseUrl: string, path: string): string | undefined {
  if (!FILES.test(path) || /(^|\/)\.\.?(\/|$)/.test(path)) return undefined;
  return `${baseUrl}/${path.replace(/^\//, '').split('/').map(encodeURIComponent).join('/')}`;
}
