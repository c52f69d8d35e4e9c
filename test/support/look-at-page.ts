import { expect } from 'vitest';
import { barriersOn } from './accessibility.ts';
import type { RealBrowser } from './browser.ts';

/**
 * Keeps what is shown in `shown` and in pictures, and holds it against the rules for people who cannot see or point, in light and, if
 * `inDark`, in dark; and nothing is wider than the screen.
 */
export async function lookAtPage(
  { page, picture }: RealBrowser,
  { name, inDark, shown }: { name: string; inDark: boolean; shown: string[] },
): Promise<void> {
  shown.push(await page.content());
  for (const colorScheme of inDark ? (['light', 'dark'] as const) : (['light'] as const)) {
    await page.emulateMedia({ colorScheme });
    await picture(`${name}-${colorScheme}`);
    // In the dark only the colours are others.
    const barriers = await barriersOn(page, colorScheme === 'light' ? '' : "{ runOnly: ['color-contrast'] }");
    expect({ name, colorScheme, barriers }).toEqual({ name, colorScheme, barriers: [] });
  }
  await page.emulateMedia({ colorScheme: 'light' });
  const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  expect(`${name}: ${overflow}`).toBe(`${name}: 0`);
}
