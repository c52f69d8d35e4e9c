import { z } from 'zod';
import { parseJson } from '../../http/parse-json.ts';
import { type Fields, isFields, labelOf } from '../fields.ts';
import { usableUrls } from '../media-fields.ts';

const FILES = '/api/files/';

const referenceSchema = z.object({
  /** Below the address of WAHA, where the file is for some minutes. */
  path: z.string().startsWith(FILES).optional(),
  /** Full name of the message, by which it is downloaded anew. */
  message: z.string().min(1),
});
export type FileReference = z.output<typeof referenceSchema>;

export const readReference = (text: string): FileReference | undefined => referenceSchema.safeParse(parseJson(text)).data;

/**
 * Where such a file is: among those of the session, whatever the reference says. The key opens far more, and whoever asks for a file is not
 * to get at it.
 */
export function fileUrl(base: string, session: string, path: string): string | undefined {
  const files = `${new URL(base).href.replace(/\/$/, '')}${FILES}${encodeURIComponent(session)}/`;
  const url = URL.canParse(`${base}${path}`) ? new URL(`${base}${path}`) : undefined;
  const isThere = url?.href.startsWith(files) === true && !/%2f|%5c|%2e|\\/i.test(url.pathname);
  return isThere && url.search === '' && url.hash === '' ? url.href : undefined;
}

/**
 * Where the file of a message is. On WAHA itself it takes the key, and the host that WAHA tells is often its own `localhost`: only the path
 * counts. Elsewhere (S3) the address opens by itself.
 */
export function readFile(payload: Fields): { readonly urls: readonly string[]; readonly reference: string } {
  const url = isFields(payload.media) ? labelOf(payload.media, 'url') : '';
  const reference: FileReference = { path: filePathOf(url), message: labelOf(payload, 'id') };
  return { urls: reference.path === undefined ? usableUrls([url]) : [], reference: JSON.stringify(reference) };
}

function filePathOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { pathname } = new URL(url);
  const start = pathname.indexOf(FILES);
  return start === -1 ? undefined : pathname.slice(start);
}
