import type { LookupAddress, LookupOptions } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

/** The ranges Chatwoot's fetcher refuses since 4.14.0 (IPv4-mapped and NAT64 forms of the first list included). */
const blocked4: [network: string, prefix: number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
const blocked6: [network: string, prefix: number][] = [
  ['::1', 128],
  ['100::', 64],
  ['2001::', 32],
  ['2001:10::', 28],
  ['2001:20::', 28],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
];

function createBlockList(): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of blocked4) {
    list.addSubnet(network, prefix, 'ipv4');
    list.addSubnet(`64:ff9b::${network}`, 96 + prefix, 'ipv6');
  }
  for (const [network, prefix] of blocked6) list.addSubnet(network, prefix, 'ipv6');
  return list;
}

const blockList = createBlockList();

const isPublic = (address: string): boolean => !blockList.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** The first public address of a host, or an error with the text Chatwoot shows at the failed message. */
export async function publicAddressOf(hostname: string): Promise<{ address: string; family: number }> {
  const host = hostname.replace(/^\[|\]$/g, '');
  const family = isIP(host);
  const addresses = family ? [{ address: host, family }] : await resolve(host);
  const address = addresses.find((candidate) => isPublic(candidate.address));
  if (!address) throw new Error(`Hostname '${host}' has no public ip addresses`);
  return address;
}

async function resolve(host: string) {
  try {
    return await lookup(host, { all: true });
  } catch {
    throw new Error(`Could not resolve hostname '${host}'`);
  }
}

type LookupCallback = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

/** A look-up that always gives this address, in the form that is asked for: Node asks for all addresses when it may try both families. */
export function pinned(address: string, family: number) {
  return (_hostname: string, options: LookupOptions, callback: LookupCallback): void => {
    if (options.all) callback(null, [{ address, family }]);
    else callback(null, address, family);
  };
}
