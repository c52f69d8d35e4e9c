/**
 * Answers questions with as few queries as there are at a time: one that comes while fewer than `width` are under way is asked at once, those
 * that come meanwhile are asked together with the next, at most `most` of them. So hundreds at the same moment cost a few queries, and who
 * comes behind them waits for one or two. `ask` answers in the order of its questions; what it throws is thrown to all of them.
 */
export function createGathering<Question, Answer>(deps: {
  width: number;
  most: number;
  ask: (questions: readonly Question[]) => Promise<readonly Answer[]>;
}): (question: Question) => Promise<Answer> {
  interface Asked {
    readonly question: Question;
    resolve(answer: Answer): void;
    reject(error: unknown): void;
  }
  let waiting: Asked[] = [];
  let underWay = 0;

  async function askTogether(): Promise<void> {
    underWay += 1;
    while (waiting.length > 0) {
      const together = waiting.slice(0, deps.most);
      waiting = waiting.slice(deps.most);
      try {
        const answers = await deps.ask(together.map(({ question }) => question));
        for (const [index, { resolve }] of together.entries()) resolve(answers[index] as Answer);
      } catch (error) {
        for (const { reject } of together) reject(error);
      }
    }
    underWay -= 1;
  }

  return (question) =>
    new Promise((resolve, reject) => {
      waiting.push({ question, resolve, reject });
      if (underWay < deps.width) void askTogether();
    });
}
