import { lookup as dnsLookup } from 'node:dns/promises';
import http from 'node:http';
import https from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent';
import { PonteError } from '../errors/ponte-error.ts';
import type { HttpRoute } from './exchange.ts';

type AgentPair = HttpRoute['agent'];

export interface GuardedAgents {
  /** `fresh` connects anew, for a request that must not meet a connection which the other side is just closing. */
  route(url: URL, options: { fresh: boolean }): Promise<HttpRoute>;
  /** Closes idle connections. */
  stop(): void;
}

/** Shorter than the keep-alive of any server that is called, so that we drop an idle connection before it does. */
const IDLE_TIMEOUT_MS = 4_000;
const KEPT = { keepAlive: true, timeout: IDLE_TIMEOUT_MS, scheduling: 'lifo' } as const;
const ONCE = { keepAlive: false } as const;
const LOOKUP_TIMEOUT_MS = 5_000;

/**
 * The guard against server-side request forgery: a customer chooses the address we call, so it must not lead into our own network.
 * `allowPrivateNetwork` is what the operator's setting of that name (`variable`) allows: all, none, or these addresses and CIDR ranges. A
 * name is judged by what it resolves to at the moment of connecting. `socketsPerHost` is how many connections of each kind one host may have;
 * what is over them waits for one within its own time limit. Throws PonteError `config_invalid` for a range that is none.
 */
export function createGuardedAgents(
  allowPrivateNetwork: boolean | readonly string[],
  variable: string,
  { socketsPerHost = Number.POSITIVE_INFINITY }: { socketsPerHost?: number } = {},
): GuardedAgents {
  const guarded = pairs(RequestFilteringHttpAgent, RequestFilteringHttpsAgent, socketsPerHost);
  const open = pairs(http.Agent, https.Agent, socketsPerHost);
  const allowed = typeof allowPrivateNetwork === 'boolean' ? undefined : blockList(allowPrivateNetwork, variable);

  return {
    async route(url, { fresh }) {
      const kind = fresh ? 'once' : 'kept';
      if (allowPrivateNetwork === true) return { agent: open[kind] };
      const addresses = allowed === undefined ? [] : (await resolve(url.hostname)).filter((address) => covers(allowed, address));
      return addresses.length === 0 ? { agent: guarded[kind] } : { agent: open[kind], lookup: pinned(addresses) };
    },
    stop() {
      for (const pair of [guarded.kept, guarded.once, open.kept, open.once]) {
        pair.http.destroy();
        pair.https.destroy();
      }
    },
  };
}

function pairs(
  Http: new (options: http.AgentOptions) => http.Agent,
  Https: new (options: https.AgentOptions) => https.Agent,
  maxSockets: number,
): { kept: AgentPair; once: AgentPair } {
  return {
    kept: { http: new Http({ ...KEPT, maxSockets }), https: new Https({ ...KEPT, maxSockets }) },
    once: { http: new Http({ ...ONCE, maxSockets }), https: new Https({ ...ONCE, maxSockets }) },
  };
}

function blockList(ranges: readonly string[], variable: string): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    try {
      if (prefix === undefined) list.addAddress(address, family);
      else list.addSubnet(address, Number(prefix), family);
    } catch {
      const faults = `${variable} has "${range}", which is neither an address nor a CIDR range`;
      throw new PonteError('config_invalid', { faults });
    }
  }
  return list;
}

interface Address {
  readonly address: string;
  readonly family: number;
}

const covers = (list: BlockList, { address, family }: Address): boolean => list.check(address, family === 6 ? 'ipv6' : 'ipv4');

/** What a host name (or an address, in brackets if of IPv6) stands for; nothing when that cannot be told: connecting then says why. */
async function resolve(hostname: string): Promise<Address[]> {
  const literal = hostname.replace(/^\[|\]$/g, '');
  const family = isIP(literal);
  if (family !== 0) return [{ address: literal, family }];
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Address[]>((done) => {
    timer = setTimeout(done, LOOKUP_TIMEOUT_MS, []);
  });
  try {
    return await Promise.race([dnsLookup(hostname, { all: true }).catch(() => []), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A look-up that answers what was resolved before, so that a name server cannot answer differently the second time. */
function pinned(addresses: readonly Address[]): LookupFunction {
  return (_hostname, options, callback) => {
    const [first] = addresses;
    if (options.all || first === undefined) callback(null, [...addresses]);
    else callback(null, first.address, first.family);
  };
}
