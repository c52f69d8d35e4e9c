import type { ComponentChildren, VNode } from 'preact';
import { render } from 'preact-render-to-string';
import { languageNames, localeOf } from '../languages/languages.ts';
import { ASSETS } from './assets.ts';
import type { Ui } from './ui.ts';

export interface NavigationLink {
  readonly href: string;
  readonly name: string;
  readonly isCurrent: boolean;
}

export interface DocumentProps {
  readonly ui: Ui;
  readonly title: string;
  readonly navigation: readonly NavigationLink[];
  /** Who is logged in, and how to change that. */
  readonly who?: VNode | undefined;
  /** How often a browser without scripts shall look again, in seconds. */
  readonly refreshSeconds?: number | undefined;
  readonly children: ComponentChildren;
}

const HTMX_SETTINGS = JSON.stringify({ includeIndicatorCSS: false, history: false, defaultTimeout: 30_000 });

/** A whole page. */
export function Document({ ui, title, navigation, who, refreshSeconds, children }: DocumentProps) {
  const { t } = ui;
  return (
    <html lang={localeOf[ui.language]}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <meta name="htmx-config" content={HTMX_SETTINGS} />
        <title>{`${title} – ${t.appName}`}</title>
        <link rel="icon" href={ASSETS.icon} type="image/svg+xml" />
        <link rel="stylesheet" href={ASSETS.style} />
        <script src={ASSETS.htmx} defer />
        <script src={ASSETS.script} defer />
        {refreshSeconds !== undefined && (
          <noscript>
            <meta http-equiv="refresh" content={String(refreshSeconds)} />
          </noscript>
        )}
      </head>
      <body>
        <a class="skip" href="#content">
          {t.skip}
        </a>
        <header class="bar">
          <div>
            <a class="brand" href={navigation[0]?.href ?? '/'}>
              <Mark />
              {t.appName}
            </a>
            <nav aria-label={t.sections}>
              {navigation.map(({ href, name, isCurrent }) => (
                <a href={href} aria-current={isCurrent ? 'page' : undefined}>
                  {name}
                </a>
              ))}
            </nav>
            {who !== undefined && <div class="who">{who}</div>}
          </div>
        </header>
        <main id="content">{children}</main>
        <footer>
          <nav class="languages" aria-label={t.language}>
            {languageNames.map(([language, name]) => (
              <a
                href={withLanguage(ui.url, language)}
                lang={localeOf[language]}
                hreflang={localeOf[language]}
                aria-current={language === ui.language ? 'true' : undefined}
              >
                {name}
              </a>
            ))}
          </nav>
          <a href="/docs">{t.nav.docs}</a>
        </footer>
      </body>
    </html>
  );
}

/** A page or a part of one, as it is sent. */
export const renderPage = (page: VNode): string => `<!DOCTYPE html>\n${render(page)}\n`;
export const renderPart = (part: VNode): string => render(part);

function withLanguage(url: string, language: string): string {
  const [path = '/', query = ''] = url.split('?', 2);
  const parameters = new URLSearchParams(query);
  parameters.set('language', language);
  return `${path}?${parameters}`;
}

/** A bridge. */
const Mark = () => (
  <svg viewBox="0 0 32 32" fill="none" stroke="currentColor" stroke-width="2.6" stroke-linecap="round" aria-hidden="true">
    <path d="M3 22h26M6 22V10M26 22V10M6 12c4 8 16 8 20 0M11 17v5M16 18.4V22M21 17v5" />
  </svg>
);
