import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Router } from 'express';
import { hashOf } from '../../shared/content-hash.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke="#0b7268" stroke-width="3" stroke-linecap="round"><path d="M3 22h26M6 22V10M26 22V10M6 12c4 8 16 8 20 0"/></svg>`;
const require = createRequire(import.meta.url);
const HTMX = readFileSync(require.resolve('htmx.org/dist/htmx.min.js'), 'utf8');

const FILES = {
  style: { name: 'style.css', type: 'css', text: STYLE },
  script: { name: 'script.js', type: 'js', text: SCRIPT },
  htmx: { name: 'htmx.js', type: 'js', text: HTMX },
  icon: { name: 'icon.svg', type: 'svg', text: ICON },
} as const;
const FOLDER = '/console';
const addressOf = ({ name, text }: { name: string; text: string }): string => `${FOLDER}/${name}?v=${hashOf(text).slice(0, 12)}`;

/** Where the pages find their files; a changed file has another address. */
export const ASSETS = {
  style: addressOf(FILES.style),
  script: addressOf(FILES.script),
  htmx: addressOf(FILES.htmx),
  icon: addressOf(FILES.icon),
};

/** The style, the scripts and the icon of all pages, for everybody: there is nothing in them but looks. */
export function createAssetRoutes(): Router {
  const router = Router();
  for (const { name, type, text } of Object.values(FILES)) {
    router.get(`${FOLDER}/${name}`, (_request, response) => {
      response.locals.route = FOLDER;
      response.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
      response.type(type).send(text);
    });
  }
  return router;
}
