/** Why there was no answer: what decides whether another try can help, and what to tell the caller. */
export type NetworkCause =
  /** The name does not exist: somebody has to change it. */
  | 'unknown_host'
  /** Connected, but no TLS that can be trusted: somebody has to change something. */
  | 'tls'
  /** The guard against calls into private networks refused the address. */
  | 'address_forbidden'
  /** Refused, reset, no route or no answer in time: may pass by itself. */
  | 'no_answer';

// In this order: `TLS handshake timeout` is no fault of a certificate, and every one of them may mention a socket.
const CAUSES: readonly (readonly [NetworkCause, RegExp])[] = [
  ['address_forbidden', /\baddress_forbidden\b/],
  ['no_answer', /TLS handshake timeout|\bEAI_AGAIN\b|temporary failure in name resolution|server misbehaving/i],
  [
    'unknown_host',
    /\bENOTFOUND\b|\bEAI_NONAME\b|\bERR_INVALID_URL\b|no such host|name or service not known|nodename nor servname/i,
  ],
  [
    'tls',
    /\bCERT_|\bERR_TLS|\bERR_SSL|\bEPROTO\b|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|\bx509:|\btls: |certificate|HTTP response to HTTPS client|wrong version number/i,
  ],
  [
    'no_answer',
    /\bE(CONN[A-Z]+|TIMEDOUT|PIPE|HOSTUNREACH|NETUNREACH|HOSTDOWN|ADDRNOTAVAIL)\b|\bUND_ERR_|connection (refused|reset|timed out)|no route to host|network is unreachable|broken pipe|use of closed network connection/i,
  ],
  [
    'no_answer',
    /i\/o timeout|deadline exceeded|Client\.Timeout|context canceled|\b(unexpected )?EOF\b|socket hang up|fetch failed|operation was aborted|\bdial (tcp|udp)\b|^timeout$|timed? ?out/i,
  ],
];

/** Reads a Node error code or the text of a Node or Go network error; undefined when it is none of a network. */
export const networkCause = (codeOrText: string): NetworkCause | undefined =>
  CAUSES.find(([, pattern]) => pattern.test(codeOrText))?.[0];

// The request cannot have reached the other side: no connection, or no TLS on it.
const NEVER_SENT =
  /^(CONNECT_TIMEOUT|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EAI_NONAME|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|EADDRNOTAVAIL|EPROTO|ERR_INVALID_URL|address_forbidden)$|CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)/;

/** Whether a failure with this code of Node means that nothing was sent. */
export const neverSent = (code: string): boolean => NEVER_SENT.test(code);
