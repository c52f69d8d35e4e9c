import type { Request, Response } from 'express';
import type { ComponentChildren, VNode } from 'preact';
import type { Prisma } from '../../shared/database/database.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { FormTokens } from '../form-token.ts';
import { Document, type NavigationLink, renderPage, renderPart } from '../looks/document.tsx';
import type { Ui } from '../looks/ui.ts';
import type { ConsoleCall } from './use-cases.ts';

/** Who looks at the pages, and what of them there is for him. */
export interface Viewer {
  readonly kind: 'account' | 'instance' | 'operator';
  /** The account that new instances belong to; undefined where there can be none. */
  readonly accountId: string | undefined;
  readonly name: string;
  /** The instances he may see. */
  readonly scope: Prisma.InstanceWhereInput;
  /** Where his pages begin: nothing for holders of tokens, `/admin` for operators. */
  readonly base: '' | '/admin';
  readonly forms: FormTokens;
  /** Logged in by the token of an account that was renewed: it can do all but renew. */
  readonly holdsOldToken: boolean;
}

export interface PageLocals extends Record<string, unknown> {
  requestId: string;
  receivedAtMs: number;
  log: Logger;
  ui: Ui;
  viewer?: Viewer;
}
export type PageResponse = Response<unknown, PageLocals>;

/** Of handlers behind the login. */
export function viewerOf(response: PageResponse): Viewer {
  const { viewer } = response.locals;
  if (viewer === undefined) throw new Error('this page needs somebody who is logged in');
  return viewer;
}

/** Of handlers that are for accounts alone. Throws PonteError `account_token_required`. */
export function accountOf(response: PageResponse): { readonly viewer: Viewer; readonly accountId: string } {
  const viewer = viewerOf(response);
  if (viewer.accountId === undefined) throw new PonteError('account_token_required');
  return { viewer, accountId: viewer.accountId };
}

export const callOf = ({ locals: { requestId, receivedAtMs, log } }: PageResponse): ConsoleCall => ({
  requestId,
  receivedAtMs,
  log,
});

/** Whether it is htmx that asks, for a part of a page. */
export const wantsPart = (request: Request): boolean => request.get('hx-request') === 'true';

export interface PageProps {
  readonly title: string;
  readonly section?: string | undefined;
  readonly status?: number;
  readonly refreshSeconds?: number | undefined;
  readonly children: ComponentChildren;
}

/** Sends a whole page with the navigation that its reader has. */
export function sendPage(response: PageResponse, { title, section, status = 200, refreshSeconds, children }: PageProps): void {
  const { ui, viewer } = response.locals;
  const page = (
    <Document
      ui={ui}
      title={title}
      navigation={navigationOf(ui, viewer, section)}
      who={viewer && <Who ui={ui} viewer={viewer} />}
      refreshSeconds={refreshSeconds}
    >
      {children}
    </Document>
  );
  response.status(status).type('html').send(renderPage(page));
}

/** Sends a whole page that begins with its title. */
export const sendTitledPage = (response: PageResponse, { children, ...page }: PageProps): void =>
  sendPage(response, {
    ...page,
    children: (
      <>
        <h1 class="head">{page.title}</h1>
        {children}
      </>
    ),
  });

/** Sends a part of a page, for htmx to put in its place. */
export function sendPart(response: PageResponse, part: VNode, status = 200): void {
  response.status(status).type('html').send(renderPart(part));
}

/** Has the browser go to another page, whichever way it has asked. */
export function goTo(request: Request, response: PageResponse, path: string): void {
  if (wantsPart(request)) response.setHeader('HX-Redirect', path).status(204).end();
  else response.redirect(303, path);
}

function navigationOf({ t }: Ui, viewer: Viewer | undefined, section: string | undefined): NavigationLink[] {
  const link = (href: string, name: string): NavigationLink => ({ href, name, isCurrent: href === section });
  if (viewer === undefined) return [];
  if (viewer.kind === 'operator') {
    return [
      link('/admin/instances', t.nav.instances),
      link('/admin/accounts', t.tokens.accounts),
      link('/admin/activations', t.nav.activations),
      link('/admin/removals', t.nav.removals),
      link('/admin/dead-letters', t.nav.deadLetters),
      link('/admin/queues', t.nav.queues),
    ];
  }
  const instances = link('/', t.nav.instances);
  return viewer.kind === 'account'
    ? [instances, link('/new', t.nav.newInstance), link('/tokens', t.tokens.title), link('/notifications', t.webhooks.title)]
    : [instances];
}

function Who({ ui, viewer }: { ui: Ui; viewer: Viewer }) {
  if (viewer.kind === 'operator') return <span>{ui.t.nav.operator}</span>;
  return (
    <>
      <span>{viewer.name}</span>
      <form method="post" action="/logout">
        <FormToken viewer={viewer} path="/logout" />
        <button class="link" type="submit">
          {ui.t.nav.logOut}
        </button>
      </form>
    </>
  );
}

export const FormToken = ({ viewer, path }: { viewer: Viewer; path: string }) => (
  <input type="hidden" name="token" value={viewer.forms.issue(path)} />
);
