import { setTimeout as delay } from 'node:timers/promises';
import { isOfOneRow } from './database/database.ts';
import { afterRunning } from './running-time.ts';

/** Between queries while several are asked at a time: in that time more come, and a query of ten costs hardly more than one of two. */
const REST_MS = 3;

/**
 * Answers questions with as few queries as there are at a time: one that comes while fewer than `width` are under way is asked at once, those
 * that come meanwhile are asked together with the next, at most `most` of them. So hundreds at the same moment cost a few queries, and who
 * comes behind them waits for one or two. Where nothing has been answered for `silentMs`, whoever is asked is away: nobody waits for the others
 * to hear of it then. `ask` answers in the order of its questions. What it throws is thrown to all of them, but where PostgreSQL refuses what
 * one of them says each is asked by itself: it is no fault of the others.
 */
export function createGathering<Question, Answer>(deps: {
  width: number;
  most: number;
  silentMs: number;
  ask: (questions: readonly Question[]) => Promise<readonly Answer[]>;
}): (question: Question) => Promise<Answer> {
  interface Asked {
    readonly question: Question;
    resolve(answer: Answer): void;
    reject(error: unknown): void;
  }
  let waiting: Asked[] = [];
  let underWay = 0;
  let lastAnswerMs = Number.NEGATIVE_INFINITY;
  let stopWatch: (() => void) | undefined;

  async function askTogether(): Promise<void> {
    underWay += 1;
    while (waiting.length > 0) {
      const together = waiting.slice(0, deps.most);
      waiting = waiting.slice(deps.most);
      watch();
      try {
        const answers = await deps.ask(together.map(({ question }) => question));
        lastAnswerMs = performance.now();
        for (const [index, { resolve }] of together.entries()) resolve(answers[index] as Answer);
      } catch (error) {
        if (together.length > 1 && isOfOneRow(error)) for (const one of together) await askAlone(one);
        else for (const { reject } of together) reject(error);
      }
      if (together.length > 1) await delay(REST_MS);
    }
    underWay -= 1;
  }

  async function askAlone({ question, resolve, reject }: Asked): Promise<void> {
    await deps.ask([question]).then(([answer]) => resolve(answer as Answer), reject);
  }

  /** For as long as somebody waits. */
  function watch(): void {
    if (waiting.length === 0) {
      stopWatch?.();
      stopWatch = undefined;
    } else {
      stopWatch ??= afterRunning(deps.silentMs, onSilence, () => lastAnswerMs);
    }
  }

  function onSilence(): void {
    stopWatch = undefined;
    void askTogether();
  }

  return (question) =>
    new Promise((resolve, reject) => {
      waiting.push({ question, resolve, reject });
      if (underWay < deps.width) void askTogether();
      else watch();
    });
}
