import type { ActivationError } from '../../shared/activations/error.ts';
import type { BridgeCheckResponse, TokenOwner } from '../../shared/contracts/bridge.ts';
import type { CheckOutcome, PairingOutcome } from '../../shared/engines/engine.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { WebhookUseCases } from './webhooks/use-cases.ts';

/** Who is logged in. */
export type Holder =
  | {
      readonly kind: 'account';
      readonly accountId: string;
      readonly tokenHash: string;
      /** False for the token before, which is still valid for a while. */
      readonly isCurrent: boolean;
    }
  | {
      readonly kind: 'instance';
      readonly accountId: string;
      readonly instanceId: string;
      readonly instanceName: string;
      readonly tokenHash: string;
    };

export interface ConsoleInstance {
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  readonly engineKind: string;
  readonly engineName: string | null;
}

/** A token that is seen this once. */
export interface RenewedToken {
  readonly token: string;
  /** When the one before ends; null where it has ended. */
  readonly previousEndsAt: Date | null;
}

/** What a use case needs to know of the request behind it. */
export interface ConsoleCall {
  readonly requestId: string;
  readonly receivedAtMs: number;
  readonly log: Logger;
}

export type CheckResult =
  | { readonly ok: true; readonly found: BridgeCheckResponse }
  | { readonly ok: false; readonly error: ActivationError; readonly owner: TokenOwner | undefined };

/** What a WhatsApp API says of an instance when it is asked. */
export type EngineFound = Extract<CheckOutcome, { kind: 'found' }>;
export type Pairing = Exclude<PairingOutcome, { kind: 'failed' }>;

/** What the bridge tells live of an integration; null where it could not find out. */
export interface LiveLook {
  readonly status: string;
  readonly lastError: string;
  readonly available: boolean;
  readonly tokenValid: boolean | null;
  readonly inboxExists: boolean | null;
  readonly webhookIsOurs: boolean | null;
  readonly streamConnected: boolean | null;
}

/**
 * What the pages can have done: the use cases of the REST api, which the api hands in. Each throws PonteError as there; bodies are given as
 * the REST api takes them, and are validated by it.
 */
export interface UseCases extends WebhookUseCases {
  holderOf(tokenHash: string): Promise<Holder | undefined>;
  createInstance(accountId: string, body: unknown): Promise<{ readonly name: string; readonly token: string }>;
  removeInstance(instance: ConsoleInstance, call: ConsoleCall): Promise<void>;
  check(instance: ConsoleInstance, body: unknown, call: ConsoleCall): Promise<CheckResult>;
  /** Begins (or joins) an activation and does not wait for it. Resolves with its id. */
  activate(instance: ConsoleInstance, body: unknown, call: ConsoleCall): Promise<string>;
  deactivate(instance: ConsoleInstance, call: ConsoleCall): Promise<void>;
  look(instance: ConsoleInstance, call: ConsoleCall): Promise<LiveLook>;
  checkEngine(instance: ConsoleInstance): Promise<EngineFound>;
  pair(instance: ConsoleInstance): Promise<Pairing>;
  changeEngine(instance: ConsoleInstance, body: unknown): Promise<void>;
  createAccount(body: unknown): Promise<{ readonly id: string; readonly name: string; readonly token: string }>;
  renewAccountToken(account: { accountId: string; isCurrent: boolean }, body: unknown): Promise<RenewedToken>;
  revokeAccountToken(accountId: string): Promise<void>;
  renewInstanceToken(instance: ConsoleInstance, body: unknown): Promise<RenewedToken>;
  revokeInstanceToken(instance: ConsoleInstance): Promise<void>;
}
