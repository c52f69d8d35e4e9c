/** A webhook as its page shows it. */
export interface ConsoleWebhook {
  readonly id: string;
  readonly url: string;
  /** None means all. */
  readonly events: readonly string[];
  readonly enabled: boolean;
  readonly disabledReason: string;
  /** What came of its last event that was tried; undefined where none was. */
  readonly last: ConsoleDelivery | undefined;
}

export interface ConsoleDelivery {
  readonly type: string;
  readonly state: 'pending' | 'delivered' | 'failed';
  readonly lastDetail: string;
  readonly lastAttemptAt: Date | null;
}

/** As the REST api does them; each throws PonteError as there. */
export interface WebhookUseCases {
  listWebhooks(accountId: string): Promise<ConsoleWebhook[]>;
  /** Resolves with the secret, which is seen this once. */
  addWebhook(accountId: string, body: unknown): Promise<string>;
  testWebhook(accountId: string, id: string): Promise<unknown>;
  enableWebhook(accountId: string, id: string): Promise<unknown>;
  removeWebhook(accountId: string, id: string): Promise<unknown>;
}
