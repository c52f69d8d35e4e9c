/** An instance, as much of it as every request about it needs. */
export interface Instance {
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  /** Of shared/engines/registry.ts. */
  readonly engineKind: string;
  /** What it is called there; null means by its own name. */
  readonly engineName: string | null;
}

/** The instance of whose token it is, or that an account has asked for. */
export const instanceIn = ({
  instanceId: id,
  accountId,
  instanceName: name,
  engineKind,
  engineName,
}: Omit<Extract<Caller, { kind: 'instance' }>, 'kind' | 'tokenHash'>): Instance => ({
  id,
  accountId,
  name,
  engineKind,
  engineName,
});

/** Who sent a request. Only the first two may use the public endpoints, only the third the internal ones. */
export type Caller =
  | {
      readonly kind: 'account';
      readonly accountId: string;
      readonly tokenHash: string;
      /** False for the token before, which is still valid for a while. */
      readonly isCurrent: boolean;
      /** The one that the request was seen to name, where it is the account's. */
      readonly named?: Instance;
    }
  | {
      readonly kind: 'instance';
      readonly accountId: string;
      readonly instanceId: string;
      readonly instanceName: string;
      readonly engineKind: string;
      readonly engineName: string | null;
      readonly tokenHash: string;
    }
  | { readonly kind: 'bridge' }
  /** A token that nobody has. */
  | { readonly kind: 'unknown' }
  /** No token at all. */
  | { readonly kind: 'anonymous' }
  /** It could not be found out: `error` says why, and is thrown by whoever needs to know. */
  | { readonly kind: 'unidentified'; readonly error: unknown };

export type AccountCaller = Extract<Caller, { kind: 'account' }>;
/** A caller of the public endpoints. */
export type Customer = Extract<Caller, { kind: 'account' | 'instance' }>;
