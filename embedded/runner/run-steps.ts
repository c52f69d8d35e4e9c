import { Listr } from 'listr2';
import type { Step } from './stack.ts';

/** Runs steps one after the other and shows each as it goes: a line that changes in a terminal, plain lines elsewhere. */
export async function runSteps(steps: readonly Step[]): Promise<void> {
  await new Listr(
    steps.map(({ title, run }) => ({ title, task: () => run() })),
    {
      concurrent: false,
      renderer: 'default',
      fallbackRenderer: 'simple',
      rendererOptions: { collapseErrors: false, showErrorMessage: false, timer: undefined },
      fallbackRendererOptions: {},
      registerSignalListeners: false,
      exitOnError: true,
    },
  ).run();
}
