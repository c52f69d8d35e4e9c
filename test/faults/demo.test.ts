import { execa } from 'execa';
import { expect, it } from 'vitest';
import { demoEngineNames } from '../../embedded/demo/engines.ts';
import { projectRoot } from '../../shared/project-root.ts';

/** The tests' own environment has settings in it that are none: vite puts a BASE_URL there. */
const OF_A_SHELL = { PATH: process.env.PATH, HOME: process.env.HOME };
const TIMEOUT_MS = 280_000;

it.each(demoEngineNames)(
  'npm run demo -- --engine %s --exit shows the main job on it, every step of it right',
  async (engine) => {
    const { stdout, all, exitCode } = await execa(process.execPath, ['cli/ponte.js', 'demo', '--engine', engine, '--exit'], {
      cwd: projectRoot,
      timeout: TIMEOUT_MS,
      reject: false,
      all: true,
      extendEnv: false,
      env: OF_A_SHELL,
    });
    expect(exitCode, all.slice(-4_000)).toBe(0);
    expect(stdout).toContain('Every step was right');
    expect(stdout).not.toContain('✘');
  },
  TIMEOUT_MS + 20_000,
);
