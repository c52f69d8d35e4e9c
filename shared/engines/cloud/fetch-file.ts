import { z } from 'zod';
import { collect, download } from '../../http/exchange.ts';
import { fileAs } from '../answers.ts';
import type { EngineAccess, FileCall, FileOutcome } from '../engine.ts';
import { failureOf, refused, unreachable } from '../engine-errors.ts';
import { CONNECT_TIMEOUT_MS, MAX_FILE_BYTES } from '../limits.ts';
import { callGraph } from './graph.ts';

const LEAST_MS = 1_000;
const MEDIA_ID = /^\d{1,40}$/;

const mediaSchema = z.looseObject({ url: z.string().min(1), mime_type: z.string().optional().catch(undefined) });

/** Asks for the address of the file, which opens for minutes and with the token only, and fetches it there. */
export async function fetchFile({ access, instance, timeoutMs, reference }: FileCall): Promise<FileOutcome> {
  if (reference === undefined) {
    return { kind: 'failed', error: refused('the Cloud API has files by their own ids only, and the message told none', access) };
  }
  // The token opens far more than files, and whoever asks for a file is not to get at it.
  if (!MEDIA_ID.test(reference)) return { kind: 'failed', error: refused('that is no id of a file', access) };
  const deadlineMs = Date.now() + timeoutMs;
  const path = `${encodeURIComponent(reference)}?phone_number_id=${encodeURIComponent(instance)}`;
  const found = await callGraph(access, { method: 'GET', path, timeoutMs, isHarmless: true });
  if (!found.ok) return { kind: 'failed', error: found.error };
  const media = mediaSchema.safeParse(found.json).data;
  if (media === undefined) return { kind: 'failed', error: refused('the Cloud API tells no address of the file', access) };
  const route = routeTo(media.url, access);
  if (route === undefined) {
    return { kind: 'failed', error: refused('the file is said to be at an address that is not Meta’s', access) };
  }
  const file = await download(
    {
      method: 'GET',
      url: media.url,
      headers: { authorization: `Bearer ${access.token}` },
      timeoutMs: Math.max(LEAST_MS, deadlineMs - Date.now()),
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      maxResponseBytes: MAX_FILE_BYTES,
      route,
    },
    collect,
  );
  if (file.kind === 'failed') return { kind: 'failed', error: failureOf(file, access, { isRead: true }) };
  if (file.cut) return { kind: 'failed', error: refused('the file is larger than 64 MiB', access) };
  // Its address is good for five minutes: another try asks for a new one.
  if (file.status !== 200) return { kind: 'failed', error: unreachable(access, `HTTP ${file.status} at the file’s address`) };
  return fileAs(file.body, media.mime_type ?? file.contentType);
}

const META = /(?:^|\.)(?:facebook\.com|fbsbx\.com|fbcdn\.net|whatsapp\.net|whatsapp\.com)$/i;

/** How to get there; undefined where the token must not go. What was resolved for the API's own host leads to that host only. */
function routeTo(url: string, { url: own, route }: EngineAccess): EngineAccess['route'] | undefined {
  if (!URL.canParse(url)) return undefined;
  const { origin, protocol, hostname } = new URL(url);
  if (URL.canParse(own) && origin === new URL(own).origin) return route;
  const { lookup: _, ...elsewhere } = route;
  return protocol === 'https:' && META.test(hostname) ? elsewhere : undefined;
}
