export interface MessagesUnderWay {
  /** Counts a message as under way until it is settled. */
  during<T>(sending: Promise<T>): Promise<T>;
  /** Resolves when no message is on its way, or after `deadlineMs`. */
  idle(deadlineMs: number): Promise<void>;
}

const POLL_MS = 50;

/** How many messages engines have been asked to send and not answered for: a process that stops waits for them. */
export function createMessagesUnderWay(): MessagesUnderWay {
  let count = 0;
  return {
    async during(sending) {
      count += 1;
      try {
        return await sending;
      } finally {
        count -= 1;
      }
    },
    async idle(deadlineMs) {
      const endsAtMs = Date.now() + deadlineMs;
      while (count > 0 && Date.now() < endsAtMs) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    },
  };
}
