import { describe, expect, it, vi } from 'vitest';
import { readDemoArguments } from '../../embedded/demo/arguments.ts';
import { demoEngineNames } from '../../embedded/demo/engines.ts';

describe('npm run demo', () => {
  it('shows RyzeAPI and stays up unless told otherwise', () => {
    expect(readDemoArguments([])).toEqual({ engine: 'ryzeapi', exits: false });
  });

  it.each(demoEngineNames)('takes --engine %s, and --exit before or after it', (engine) => {
    expect(readDemoArguments(['--engine', engine, '--exit'])).toEqual({ engine, exits: true });
    expect(readDemoArguments(['--exit', `--engine=${engine}`])).toEqual({ engine, exits: true });
  });

  it.each([
    [['--engine', 'telepathy'], `Allowed choices are ${demoEngineNames.join(', ')}.`],
    [['--engine', 'toString'], 'Allowed choices are'],
    [['--engine'], 'argument missing'],
    [['--exti'], "unknown option '--exti'"],
  ])('says in one line what is wrong with %j', (args, words) => {
    const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      expect(() => readDemoArguments(args)).toThrow(words);
      const lines = written.mock.calls.map(([line]) => String(line)).join('');
      expect(lines).toContain(words);
      expect(lines.trim().split('\n').length).toBeLessThanOrEqual(2);
    } finally {
      written.mockRestore();
    }
  });
});
