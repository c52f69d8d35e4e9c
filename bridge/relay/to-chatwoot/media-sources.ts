import { bridgeErrorSchema } from '../../../shared/contracts/bridge.ts';
import { avatarAnswerSchema } from '../../../shared/engines/ryzeapi/action-request.ts';
import { readFile } from '../../../shared/engines/ryzeapi/message-answer.ts';
import { apisAvatarPath, apisFilePath } from '../../../shared/engines/ryzeapi/paths.ts';
import { type ErrorCode, errorCatalogue, errorCodes } from '../../../shared/errors/catalogue.ts';
import { collect, download, FRESH_CONNECTION, type HttpRequest } from '../../../shared/http/exchange.ts';
import type { GuardedAgents } from '../../../shared/http/guarded-agents.ts';
import { parseJson } from '../../../shared/http/parse-json.ts';
import type { Allotment } from '../../../shared/memory/byte-budget.ts';
import { parseLargeJson } from '../../../shared/text/texts-aside.ts';
import { BRIDGE_LIMITS } from '../../timeouts.ts';
import { type FetchedMedia, MAX_FILE_BYTES, type MediaSources } from './media.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const DOWNLOAD_TIMEOUT_MS = 60_000;
const MAX_AVATAR_ANSWER_BYTES = 65_536;
/** A file of 40 MB in base64, within JSON. */
const MAX_ENGINE_ANSWER_BYTES = 60 * 1_048_576;

/** Where files of messages come from: addresses that events name, and the instance's engine, through the api. Never throws. */
export function createMediaSources(deps: {
  agents: GuardedAgents;
  bridgeToken: string;
  instance: () => { readonly ryzeapiUrl: string; readonly instanceId: string };
}): MediaSources {
  const ask = (path: (instanceId: string) => string, limits: Pick<HttpRequest, 'timeoutMs' | 'maxResponseBytes' | 'route'>) => {
    const { ryzeapiUrl, instanceId } = deps.instance();
    const request: HttpRequest = {
      method: 'GET',
      url: `${ryzeapiUrl}${path(instanceId)}`,
      headers: { accept: 'application/json', authorization: `Bearer ${deps.bridgeToken}` },
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      route: FRESH_CONNECTION,
      ...limits,
    };
    return download(request, collect);
  };

  return {
    download: (url, allotment) => fetchFile(url, deps.agents, allotment),

    async fromEngine(whatsappId, reference, allotment) {
      const reply = await ask((instanceId) => apisFilePath(instanceId, whatsappId, reference), {
        timeoutMs: BRIDGE_LIMITS.fetchMediaMs,
        maxResponseBytes: MAX_ENGINE_ANSWER_BYTES,
        route: { ...FRESH_CONNECTION, allotment },
      });
      if (reply.kind === 'failed') return { kind: 'later', reason: 'apiSilent' };
      if (reply.cut) return { kind: 'none', reason: 'tooLarge' };
      const { json, aside } = await parseLargeJson(reply.body);
      const file = reply.status === 200 ? await readFile(json, aside) : undefined;
      return file === undefined ? refusal(reply.status, json) : { kind: 'file', ...file };
    },

    async avatarOf(address) {
      const reply = await ask((instanceId) => apisAvatarPath(instanceId, address), {
        timeoutMs: BRIDGE_LIMITS.sendTextMs,
        maxResponseBytes: MAX_AVATAR_ANSWER_BYTES,
      });
      if (reply.kind === 'failed') return undefined;
      if (reply.status === 501 || reply.status === 404) return 'cannot';
      return avatarAnswerSchema.safeParse(parseJson(reply.body)).data?.url ?? undefined;
    },
  };
}

/** The guard that keeps Chatwoot's address out of our network keeps these out of it, too; redirects could lead around it. */
async function fetchFile(url: string, agents: GuardedAgents, allotment: Allotment): Promise<FetchedMedia> {
  const silent: FetchedMedia = { kind: 'later', reason: 'addressSilent' };
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
  if (file.status !== 200 || file.body.length === 0) return { kind: 'later', reason: 'addressEmpty' };
  return { kind: 'file', bytes: file.body, mimeType: file.contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '' };
}

const isCode = (code: string | undefined): code is ErrorCode => errorCodes.some((known) => known === code);

function refusal(status: number, json: unknown): FetchedMedia {
  const code = bridgeErrorSchema.safeParse(json).data?.error.code;
  // The api itself is about to be away.
  if (code === 'shutting_down') return { kind: 'later', reason: 'apiSilent' };
  const mayComeBack = isCode(code) ? errorCatalogue[code].retryable : status === 429 || status >= 500;
  if (mayComeBack) return { kind: 'later', reason: 'engineAway' };
  return { kind: 'none', reason: code === 'engine_not_configured' ? 'engineNotConfigured' : 'engineHasNone' };
}
