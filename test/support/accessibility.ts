import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { z } from 'zod';

const found = z.array(z.object({ id: z.string(), nodes: z.array(z.object({ target: z.array(z.unknown()) })) }));

/** What of a page is wrong for people who cannot see or point, each with the first place; `rules` are options of axe, as source. */
export async function barriersOn(page: Page, rules = ''): Promise<string[]> {
  await page.evaluate(axe.source);
  const violations = found.parse(await page.evaluate(`axe.run(${rules}).then(({ violations }) => violations)`));
  return violations.map(({ id, nodes }) => `${id}: ${JSON.stringify(nodes[0]?.target)}`);
}
