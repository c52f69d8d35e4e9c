const LOOK_MS = 1_000;

/**
 * npm hands SIGTERM and SIGINT on to what it runs; killed outright (`kill -9`) it cannot. So what it has started looks whether its parent is still the
 * one it had, and ends as at SIGTERM once it is not.
 */
export function stopWithNpm(): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, LOOK_MS);
  timer.unref();
}
