import { exchange } from '../../../shared/http/exchange.ts';
import type { GuardedAgents } from '../../../shared/http/guarded-agents.ts';

/** Whether a file is surely not at its address. Never throws. */
export type IsFileMissing = (url: string) => Promise<boolean>;

const CONNECT_TIMEOUT_MS = 3_000;
const TIMEOUT_MS = 5_000;
/** Chatwoot leads to its storage. */
const MOST_REDIRECTS = 3;

/**
 * Chatwoot tells of a file before it is stored, and an engine that fetches it at once finds a 404, of which not every engine tells. So its
 * first byte is asked for. Only a 404 counts: what else is wrong may be so for us alone.
 */
export function createFileCheck({ agents }: { agents: GuardedAgents }): IsFileMissing {
  async function statusAt(url: string, redirects: number): Promise<number | undefined> {
    if (!URL.canParse(url)) return undefined;
    const answer = await exchange({
      method: 'GET',
      url,
      headers: { range: 'bytes=0-0' },
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      timeoutMs: TIMEOUT_MS,
      maxResponseBytes: 1,
      route: await agents.route(new URL(url), { fresh: false }),
    });
    if (answer.kind === 'failed') return undefined;
    const isRedirect = answer.status >= 300 && answer.status < 400 && answer.location !== undefined;
    if (!isRedirect || redirects === MOST_REDIRECTS || !URL.canParse(answer.location ?? '', url)) return answer.status;
    return statusAt(new URL(answer.location ?? '', url).href, redirects + 1);
  }

  return async (url) => {
    try {
      return (await statusAt(url, 0)) === 404;
    } catch {
      // An address that we may not call: the engine has guards of its own.
      return false;
    }
  };
}
