import type { BridgeError } from '../contracts/bridge.ts';
import type { HttpFailure } from '../http/exchange.ts';

/** Why a call to the bridge gave no result. Classification turns it into an error of the catalogue; nothing else interprets it. */
export type BridgeFailure =
  /** No answer: refused, unknown host, reset, TLS. `sent` and `code` are those of the exchange. */
  | ({ readonly kind: 'network' } & Pick<HttpFailure, 'sent' | 'code' | 'message'>)
  /** No answer in time. Whether the bridge did it is unknown. */
  | { readonly kind: 'timeout'; readonly timeoutMs: number }
  /** The caller gave up (lock lost, shutdown, deadline). Whether the bridge did it is unknown. */
  | { readonly kind: 'aborted' }
  /** An answer with an error; `error` is set when its body is one of a bridge, `text` is its first 1,000 characters otherwise. */
  | {
      readonly kind: 'http';
      readonly status: number;
      readonly error: BridgeError['error'] | undefined;
      readonly text: string;
      readonly retryAfterSeconds: number | undefined;
    }
  /** A success that is none: a redirect, not JSON, or JSON without what it must have. */
  | { readonly kind: 'protocol'; readonly status: number; readonly detail: string };

/** A call to the bridge never throws: it has a value or a failure. */
export type BridgeOutcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly failure: BridgeFailure };
