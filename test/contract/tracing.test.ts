import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../../shared/project-root.ts';
import { createTracing } from '../../shared/tracing/tracing.ts';

// Of what a trace consists, through real processes: test/long/traces.test.ts.

describe('without a collector', () => {
  it('does not even load the library', async () => {
    const script = `
      const { createTracing } = await import('./shared/tracing/tracing.ts');
      const tracing = createTracing({ endpoint: undefined, service: 'api' });
      await tracing.start();
      const value = await tracing.span({ name: 'x', kind: 'server' }, async () => tracing.current() ?? 'none');
      await tracing.stop();
      const { createRequire } = await import('node:module');
      const loaded = Object.keys(createRequire(process.cwd() + '/x.js').cache).filter((path) => path.includes('/@opentelemetry/sdk'));
      console.log(JSON.stringify({ value, loaded }));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      cwd: projectRoot,
    });
    expect(JSON.parse(stdout)).toEqual({ value: 'none', loaded: [] });
  });

  it('that is away costs a request nothing, and a stop only seconds', async () => {
    const tracing = createTracing({ endpoint: 'http://127.0.0.1:9', service: 'api' });
    await tracing.start();
    const startedAtMs = performance.now();
    expect(await tracing.span({ name: 'x', kind: 'server' }, async () => 7)).toBe(7);
    await expect(tracing.span({ name: 'x', kind: 'server' }, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(performance.now() - startedAtMs).toBeLessThan(500);
    await tracing.stop();
    expect(performance.now() - startedAtMs).toBeLessThan(6_000);
  });
});
