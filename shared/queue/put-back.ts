import { wholeMs } from './whole-ms.ts';

/** What a processor resolves with to have its job run again after `delayMs` without that counting as a try: it could not begin yet. */
export class PutBack {
  readonly delayMs: number;

  constructor(delayMs: number) {
    this.delayMs = wholeMs(delayMs);
  }
}
