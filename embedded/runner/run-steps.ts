import { Listr } from 'listr2';
import type { Step } from './stack.ts';

/**
 * Runs steps one after the other and shows each as it goes: a line that changes in a terminal, plain lines elsewhere. Throws what the
 * step that failed threw; the caller tells the reason, so it is not shown here as well.
 */
export async function runSteps(steps: readonly Step[]): Promise<void> {
  if (!process.stdout.isTTY) {
    for (const { title, run } of steps) {
      await run();
      console.log(`✔ ${title}`);
    }
    return;
  }
  const tasks = steps.map(({ title, run }) => ({ title, task: () => run() }));
  await new Listr(tasks, {
    rendererOptions: { collapseErrors: false, showErrorMessage: false },
    registerSignalListeners: false,
  }).run();
}
