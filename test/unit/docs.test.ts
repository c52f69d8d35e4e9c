import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generatedPages } from '../../scripts/docs/reference.ts';
import { flagNames } from '../../shared/activations/flags.ts';
import { variables } from '../../shared/config/variables.ts';
import { errorCodes } from '../../shared/errors/catalogue.ts';
import { projectRoot } from '../../shared/project-root.ts';

const read = (path: string): Promise<string> => readFile(join(projectRoot, path), 'utf8');

describe('the documentation', () => {
  it.each(Object.entries(generatedPages()))('%s is what `npm run docs` makes of the code today', async (path, text) => {
    expect(await read(path)).toBe(text);
  });

  it('has every error exactly once and every variable, in both languages', async () => {
    for (const page of ['docs/errors.md', 'docs/errors.pt-BR.md']) {
      const text = await read(page);
      expect(errorCodes.filter((code) => text.split(`| \`${code}\` |`).length !== 2)).toEqual([]);
    }
    for (const page of ['docs/configuration.md', 'docs/configuration.pt-BR.md', '.env.example']) {
      const text = await read(page);
      expect(Object.keys(variables).filter((name) => !text.includes(name))).toEqual([]);
    }
  });

  it.each(['docs/quick-start.md', 'docs/quick-start.pt-BR.md'])('%s explains every flag of an activation', async (page) => {
    const text = await read(page);
    expect(flagNames.filter((name) => !text.includes(`| \`${name}\` |`))).toEqual([]);
  });

  it('leads nowhere that does not exist', async () => {
    const pages = [
      'README.md',
      'README.pt-BR.md',
      'CONTRIBUTING.md',
      ...(await readdir(join(projectRoot, 'docs'))).map((name) => `docs/${name}`),
    ];
    const dead: string[] = [];
    for (const page of pages.filter((name) => name.endsWith('.md'))) {
      for (const [, target = ''] of (await read(page)).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
        if (!/^https?:/.test(target) && !existsSync(join(projectRoot, dirname(page), target))) dead.push(`${page} → ${target}`);
      }
    }
    expect(dead).toEqual([]);
  });

  it('names only commands that exist', async () => {
    const { scripts } = JSON.parse(await read('package.json')) as { scripts: Record<string, string> };
    const named = new Set(
      (
        await Promise.all(
          ['README.md', 'README.pt-BR.md', 'CONTRIBUTING.md', 'docs/quick-start.md', 'docs/security.md'].map(read),
        )
      )
        .flatMap((text) => [...text.matchAll(/npm run ([\w:]+)/g)])
        .map(([, name = '']) => name),
    );
    expect([...named].filter((name) => !(name in scripts))).toEqual([]);
  });
});
