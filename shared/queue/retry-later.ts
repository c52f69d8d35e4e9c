import { wholeMs } from './whole-ms.ts';

/** Thrown by a processor to have its job run again after `delayMs`. The message is what the queue and its UI show of it. */
export class RetryLater extends Error {
  override readonly name = 'RetryLater';
  readonly delayMs: number;

  constructor(message: string, delayMs: number) {
    super(message);
    this.delayMs = wholeMs(delayMs);
    // The queue stores the stack, and one that leads into its own code tells an operator nothing.
    this.stack = message;
  }
}
