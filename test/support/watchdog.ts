import { spawn } from 'node:child_process';

/**
 * Has `pid` killed if this process dies without doing so itself, however it dies: a small shell waits for the end of a pipe that
 * the system closes with us. Answers the function that dismisses the shell.
 */
export function killWithUs(
  pid: number,
  { signal = 'KILL', remove = '' }: { signal?: 'KILL' | 'QUIT'; remove?: string } = {},
): () => void {
  // Nothing is ever written, so this reads until the end; and is no further program to start.
  const script = 'read -r _; kill -"$1" "$0" 2>/dev/null; [ -z "$2" ] || { sleep 1; rm -rf "$2"; }';
  const shell = spawn('/bin/sh', ['-c', script, String(pid), signal, remove], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // A group of its own: Ctrl-C must not end it before it has done its work.
    detached: true,
  });
  shell.on('error', () => {});
  shell.stdin.on('error', () => {});
  shell.unref();
  if ('unref' in shell.stdin && typeof shell.stdin.unref === 'function') shell.stdin.unref();
  return () => {
    if (shell.pid === undefined || shell.exitCode !== null) return;
    try {
      process.kill(-shell.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  };
}
