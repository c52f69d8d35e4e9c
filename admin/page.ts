import type { Response } from 'express';
import { type Html, html } from './html.ts';

const SECTIONS = [
  ['/admin/activations', 'Activations'],
  ['/admin/removals', 'Removals'],
  ['/admin/dead-letters', 'Dead letters'],
  ['/admin/queues', 'Queues'],
] as const;
export type Section = (typeof SECTIONS)[number][0];

/** Sends a whole page of the operator's pages. `section` is where it belongs in the navigation. */
export function sendPage(
  response: Response,
  { title, section, body, status = 200 }: { title: string; section?: Section; body: Html; status?: number },
): void {
  const links = SECTIONS.map(
    ([path, name]) => html`<a href="${path}"${path === section && html` aria-current="page"`}>${name}</a>`,
  );
  const page = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} – Ponte</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/admin/style.css">
</head>
<body>
<header><strong>Ponte</strong><nav aria-label="Sections">${links.map((link) => html`${link} `)}</nav></header>
<main><h1>${title}</h1>${body}</main>
</body>
</html>
`;
  response.status(status).type('html').send(page.markup);
}

/** A moment, in UTC, as operators compare it with their logs. */
export const moment = (date: Date | null): string =>
  date === null ? '–' : `${date.toISOString().slice(0, 19).replace('T', ' ')}Z`;

/** A duration for people: milliseconds below one second, then seconds, then minutes and up. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1_000;
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
}
