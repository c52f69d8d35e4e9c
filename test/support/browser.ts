import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { projectRoot } from '../../shared/project-root.ts';

const CHROMIUM = '/usr/bin/chromium';
const PATIENCE_MS = 60_000;

export const hasBrowser = (): boolean => existsSync(CHROMIUM);

/** Looked at when something is wrong, or by whoever changes a page. */
const SCREENSHOTS = join(projectRoot, 'node_modules', '.cache', 'ponte-screenshots');

export interface RealBrowser {
  readonly page: Page;
  /** Every address that was asked for. */
  readonly requested: readonly string[];
  /** What went wrong in a page, as its console says. */
  readonly problems: string[];
  /** Keeps a picture of the page. */
  picture(name: string): Promise<void>;
  /** Somebody of whom nothing is known. */
  stranger(): Promise<BrowserContext>;
  close(): Promise<void>;
}

/** A real Chromium that reaches this machine alone, with one page. */
export async function openBrowser(options: BrowserContextOptions): Promise<RealBrowser> {
  await mkdir(SCREENSHOTS, { recursive: true });
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // Nothing but this machine has an address.
      '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
    ],
  });
  const requested: string[] = [];
  const problems: string[] = [];
  const context = await browser.newContext(options);
  context.on('request', (request) => void requested.push(request.url()));
  context.on('weberror', (error) => void problems.push(String(error.error())));
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  return {
    page,
    requested,
    problems,
    picture: async (name) => void (await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true })),
    stranger: () => browser.newContext(),
    close: () => browser.close(),
  };
}
