import { setImmediate as nextTurn } from 'node:timers/promises';
import { bridgeErrorSchema } from '../../../shared/contracts/bridge.ts';
import { readFile } from '../../../shared/engines/ryzeapi/message-answer.ts';
import { apisFilePath } from '../../../shared/engines/ryzeapi/paths.ts';
import { type ErrorCode, errorCatalogue, errorCodes } from '../../../shared/errors/catalogue.ts';
import { collect, download, exchange, FRESH_CONNECTION } from '../../../shared/http/exchange.ts';
import type { GuardedAgents } from '../../../shared/http/guarded-agents.ts';
import { parseJson } from '../../../shared/http/parse-json.ts';
import type { Allotment } from '../../../shared/memory/byte-budget.ts';
import { BRIDGE_LIMITS } from '../../timeouts.ts';
import { type FetchedMedia, MAX_FILE_BYTES, type MediaSources } from './media.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const DOWNLOAD_TIMEOUT_MS = 60_000;
/** A file of 40 MB in base64, within JSON. */
const MAX_ENGINE_ANSWER_BYTES = 60 * 1_048_576;

/** Where files of messages come from: addresses that events name, and the instance's engine, through the api. Never throws. */
export function createMediaSources(deps: {
  agents: GuardedAgents;
  bridgeToken: string;
  instance: () => { readonly ryzeapiUrl: string; readonly instanceId: string };
}): MediaSources {
  return {
    download: (url, allotment) => fetchFile(url, deps.agents, allotment),

    async fromEngine(whatsappId, allotment) {
      const { ryzeapiUrl, instanceId } = deps.instance();
      const reply = await exchange({
        method: 'GET',
        url: `${ryzeapiUrl}${apisFilePath(instanceId, whatsappId)}`,
        headers: { authorization: `Bearer ${deps.bridgeToken}` },
        connectTimeoutMs: CONNECT_TIMEOUT_MS,
        timeoutMs: BRIDGE_LIMITS.fetchMediaMs,
        maxResponseBytes: MAX_ENGINE_ANSWER_BYTES,
        route: { ...FRESH_CONNECTION, allotment },
      });
      if (reply.kind === 'failed') return { kind: 'later', reason: 'the api does not answer' };
      if (reply.cut) return { kind: 'none', reason: 'it is larger than 40 MB' };
      // Each of these steps takes a tenth of a second for the largest files: others have their turn in between.
      await nextTurn();
      const json = parseJson(reply.body);
      await nextTurn();
      const file = reply.status === 200 ? readFile(json) : undefined;
      return file === undefined ? refusal(reply.status, json) : { kind: 'file', ...file };
    },
  };
}

/** The guard that keeps Chatwoot's address out of our network keeps these out of it, too; redirects could lead around it. */
async function fetchFile(url: string, agents: GuardedAgents, allotment: Allotment): Promise<FetchedMedia> {
  const silent: FetchedMedia = { kind: 'later', reason: 'its address does not answer' };
  if (!URL.canParse(url)) return silent;
  const file = await download(
    {
      method: 'GET',
      url,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      timeoutMs: DOWNLOAD_TIMEOUT_MS,
      // Of a file that is too large one byte more is kept, by which the reader knows.
      maxResponseBytes: MAX_FILE_BYTES + 1,
      route: { ...(await agents.route(new URL(url), { fresh: false })), allotment },
    },
    collect,
  );
  if (file.kind === 'failed') return silent;
  if (file.status !== 200 || file.body.length === 0) return { kind: 'later', reason: 'its address has no such file' };
  return { kind: 'file', bytes: file.body, mimeType: file.contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '' };
}

const isCode = (code: string | undefined): code is ErrorCode => errorCodes.some((known) => known === code);

function refusal(status: number, json: unknown): FetchedMedia {
  const code = bridgeErrorSchema.safeParse(json).data?.error.code;
  const mayComeBack = isCode(code) ? errorCatalogue[code].retryable : status === 429 || status >= 500;
  if (mayComeBack) return { kind: 'later', reason: 'the WhatsApp engine is not reachable' };
  const reason =
    code === 'engine_not_configured'
      ? 'no WhatsApp engine is configured to fetch it from'
      : 'the WhatsApp engine no longer has it';
  return { kind: 'none', reason };
}
