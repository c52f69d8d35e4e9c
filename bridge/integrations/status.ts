import type { BridgeIntegration } from '../../shared/contracts/bridge.ts';
import type { Inbox } from '../chatwoot/answers.ts';
import type { CallBudget, ChatwootAccess, ChatwootClient } from '../chatwoot/client.ts';
import type { ChatwootFailure } from '../chatwoot/outcome.ts';
import { upstreamError } from '../chatwoot/upstream-error.ts';
import { BRIDGE_LIMITS } from '../timeouts.ts';
import { denialOf, GONE, INBOX_FAULTS } from './inbox-fault.ts';
import type { IntegrationSecrets } from './secrets.ts';
import type { IntegrationRow, IntegrationStore } from './store.ts';

/** A stream that is away for less than this is only connecting again. */
const STREAM_PATIENCE_MS = 10_000;
const STREAM_DOWN =
  'the event stream to the api is not open — it is tried again by itself; verify BRIDGE_INTERNAL_RYZEAPI_URL if it stays';

/** What Chatwoot says now; null where that could not be found out. `fault` names the next step. */
interface Finding {
  readonly tokenValid: boolean | null;
  readonly inboxExists: boolean | null;
  readonly webhookIsOurs: boolean | null;
  /** As it is called in Chatwoot. */
  readonly name?: string | undefined;
  readonly fault: string;
}

export interface StatusDeps {
  readonly store: IntegrationStore;
  readonly secrets: IntegrationSecrets;
  readonly chatwoot: (access: ChatwootAccess, budget: CallBudget) => ChatwootClient;
  /** For how long the stream of an integration that is run here has been away: 0 while it is open. Undefined when run elsewhere. */
  readonly streamDownMs: (id: string) => number | undefined;
  /** How many agents' messages have not left yet. */
  readonly waitingReplies: (id: string) => Promise<number>;
}

/** Answers how an integration is, asking Chatwoot; undefined when there is none. */
export function createStatus(deps: StatusDeps) {
  return async function status(id: string, signal: AbortSignal): Promise<BridgeIntegration | undefined> {
    const row = await deps.store.byId(id);
    if (row === null || row.state === 'removed') return undefined;
    if (row.state !== 'active') return { ...known(row), ...RESTING[row.state] };
    const [finding, waiting] = await Promise.all([look(deps, row, signal), deps.waitingReplies(id)]);
    const downMs = deps.streamDownMs(row.id);
    // What the bridge knows itself comes first: it says which messages wait, and why.
    // What an earlier look at the inbox has found, this one knows better.
    const isOutdated = INBOX_FAULTS.includes(row.lastError);
    const fault =
      (isOutdated ? '' : row.lastError) ||
      finding.fault ||
      (downMs !== undefined && downMs > STREAM_PATIENCE_MS ? STREAM_DOWN : '');
    return {
      ...known(row),
      status: fault === '' ? (isOutdated ? 'active' : row.status) : 'error',
      inbox_name: finding.name || row.inboxName,
      repaired: row.inboxRepaired || null,
      last_error: fault,
      token_valid: finding.tokenValid,
      inbox_exists: finding.inboxExists,
      webhook_url_is_ours: finding.webhookIsOurs,
      waiting_to_whatsapp: waiting,
      stream_connected: downMs === undefined ? isRunElsewhere(row) : downMs === 0,
    };
  };
}

const RESTING = {
  creating: { status: 'error', last_error: 'the activation has not finished' },
  superseded: { status: 'paused', last_error: 'a newer activation of the instance has taken over' },
  left: { status: 'paused', last_error: 'the integration has moved to another inbox; this one stays in Chatwoot' },
  removing: { status: 'error', last_error: 'is being removed — the inbox may still exist in Chatwoot' },
} as const satisfies Record<string, Pick<BridgeIntegration, 'status' | 'last_error'>>;

const known = (row: IntegrationRow): BridgeIntegration => ({
  id: row.id,
  status: row.status,
  last_error: row.lastError,
  inbox_id: row.inboxId,
  inbox_name: row.inboxName,
  last_to_chatwoot_at: row.lastToChatwootAt?.toISOString() ?? null,
  last_to_whatsapp_at: row.lastToWhatsappAt?.toISOString() ?? null,
  proven_at: row.provenAt?.toISOString() ?? null,
});

/** Only its own process knows the stream; that nobody runs it is known, too. */
const isRunElsewhere = (row: IntegrationRow): null | false =>
  row.leaseUntil !== null && row.leaseUntil.getTime() > Date.now() ? null : false;

async function look(deps: StatusDeps, row: IntegrationRow, signal: AbortSignal): Promise<Finding> {
  const access = deps.secrets.accessOf(row);
  const client = deps.chatwoot(access, { endsAtMs: Date.now() + BRIDGE_LIMITS.statusMs, signal });
  const found = await client.inboxes.get(row.inboxId ?? 0);
  return found.ok ? readInbox(found.value, deps.secrets.webhookUrl(row)) : readFailure(found.failure, client);
}

function readInbox(inbox: Inbox, webhookUrl: string): Finding {
  const webhookIsOurs = inbox.webhook_url === webhookUrl;
  const fault = webhookIsOurs
    ? ''
    : 'the inbox in Chatwoot calls another webhook address, so replies do not arrive — it is put right within minutes, or activate again';
  return { tokenValid: true, inboxExists: true, webhookIsOurs, name: inbox.name ?? undefined, fault };
}

const UNKNOWN = { tokenValid: null, inboxExists: null, webhookIsOurs: null } as const;

async function readFailure(failure: ChatwootFailure, client: ChatwootClient): Promise<Finding> {
  if (failure.kind === 'absent') return { ...UNKNOWN, tokenValid: true, inboxExists: false, fault: GONE };
  const error = await upstreamError(failure, client);
  const denial = denialOf(error);
  if (denial !== undefined) return { ...UNKNOWN, ...denial };
  return { ...UNKNOWN, fault: `Chatwoot cannot be used at the moment — it is tried again by itself. Detail: ${error.message}` };
}
