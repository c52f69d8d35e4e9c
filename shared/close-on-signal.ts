import closeWithGrace from 'close-with-grace';

/** What asks a process to end: Ctrl-C, `kill` and every supervisor, a terminal that is closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Ctrl-C reaches everybody in the terminal, npm too, which hands it on: the same wish twice. */
const ECHO_MS = 1_000;

/**
 * Has `close` called at the first signal, or at an error that nobody caught, and ends the process after it: with 0, or with 1 after an error and
 * where it takes longer than `delayMs`. A second signal ends the process at once, unless it is the echo of the first.
 */
export function closeOnSignal(
  { delayMs }: { delayMs: number },
  close: (reason: { signal?: NodeJS.Signals; err?: Error }) => Promise<void>,
): void {
  let first: { signal: NodeJS.Signals; atMs: number } | undefined;
  const closing = closeWithGrace({ delay: delayMs, logger: false, skip: [...SIGNALS, 'beforeExit'] }, ({ err }) =>
    close({ err, signal: first?.signal }),
  );
  const onSignal = (signal: NodeJS.Signals): void => {
    if (first === undefined) {
      first = { signal, atMs: performance.now() };
      closing.close();
    } else if (performance.now() - first.atMs > ECHO_MS) process.exit(1);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
}
