import { describe, expect, it, vi } from 'vitest';
import { createDemoCommand, type DemoArguments } from '../../embedded/demo/command.ts';
import { demoEngineNames } from '../../embedded/demo/engines.ts';

function readDemoArguments(args: readonly string[]): DemoArguments | undefined {
  let told: DemoArguments | undefined;
  createDemoCommand(async (given) => {
    told = given;
  })
    .exitOverride()
    .parse(args, { from: 'user' });
  return told;
}

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
