import { styleText } from 'node:util';

export interface Stage {
  /** Shows what is about to happen, runs it, and remembers whether it went as it should. */
  scene(title: string, run: () => Promise<void>): Promise<void>;
  /** Shows something to the audience. */
  show(label: string, value: unknown): void;
  /** Holds what is true against what should be; a scene with a false one has failed. */
  expect(claim: string, holds: boolean): void;
  readonly failures: readonly string[];
}

/** Where the demo plays: plain text on the terminal, and a list of everything that was not as it should be. */
export function createStage(print: (line: string) => void): Stage {
  const failures: string[] = [];
  let current = '';

  const expect = (claim: string, holds: boolean): void => {
    print(`  ${holds ? styleText('green', '✔') : styleText('red', '✘')} ${claim}`);
    if (!holds) failures.push(`${current}: ${claim}`);
  };

  return {
    failures,
    expect,
    show(label, value) {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      print(`  ${styleText('dim', label.padEnd(10))} ${text}`);
    },
    async scene(title, run) {
      current = title;
      print(`\n${styleText('bold', title)}`);
      try {
        await run();
      } catch (error) {
        expect(`goes through (${error instanceof Error ? error.message : String(error)})`, false);
      }
    },
  };
}
