import { ACTIVATED, ACTIVATED_AT_LAST, type Expected, type Row, type RowWorld, tried, WHOLE_DEADLINE } from './row.ts';

const TOKEN_REJECTED = 'Chatwoot rejected the API token — verify chatwootApiToken';
const denied = (account: number) => `Chatwoot denied the request — verify the API token has admin scope on account ${account}`;
const baseOf = (url: string): string => new URL(url).origin;
const notFound = (base: string, account: number) =>
  `Chatwoot account or endpoint not found — verify chatwootBaseUrl (${base}) and chatwootAccountId (${account})`;
const NO_API_THERE = 'there is no Chatwoot API at that address, give the address alone, without /app or any other path';
const INVALID = 'Chatwoot rejected the request as invalid';
const unreachable = (base: string) =>
  `Chatwoot is unreachable at ${base} — verify chatwootBaseUrl and that the host is reachable from the server`;
const LOOK_INTO_ITS_LOG =
  ' — Chatwoot itself (or the proxy in front of it) failed: try again, and look into its log if this persists';

/** `text`, and behind it the whole of what Chatwoot answered. */
const told = (
  world: RowWorld,
  code: string,
  text: string,
  chatwoot: [status: number, body: string],
  status: number,
): Expected => ({
  status,
  code,
  message: `${text}. Detail: ${world.inboxesUrl} HTTP ${chatwoot[0]}: ${chatwoot[1]}`,
});

const UNAUTHORIZED = '{"error":"You are not authorized to access this account"}';
const FOREIGN_HINT = 'its user is not a member of that account, so chatwootAccountId may be wrong';
const BOT_HINT = 'this is the token of a bot or of a platform app, use the one of an administrator';
const FORBIDDEN_PAGE = '<html><head><title>403 Forbidden</title></head><body>cloudflare</body></html>';
const NOT_FOUND_PAGE = '<html><head><title>404 Not Found</title></head><body>nginx</body></html>';
const TOO_LONG = '{"error":"The request took too long to complete. Please try again."}';
const NAME_HINT =
  'change inboxName (1 to 255 characters; Chatwoot before 4.3 also wants it to begin and end with a letter or digit and to contain none of / \\ < > @)';

/** Chatwoot’s own refusals, in the words of its releases. */
const refusals: Row[] = [
  {
    title: '401, a token Chatwoot does not know',
    arrange: (world) => ({
      body: { chatwootApiToken: 'thisTokenIsUnknown000001' },
      expected: told(world, 'chatwoot_token_invalid', TOKEN_REJECTED, [401, '{"error":"Invalid Access Token"}'], 401),
    }),
  },
  {
    title: '401 with `errors`, a proxy that drops the token',
    arrange(world) {
      const body = '{"errors":["You need to sign in or sign up before continuing."]}';
      world.fault({ kind: 'status', status: 401, body, contentType: 'application/json; charset=utf-8' });
      const hint =
        'Chatwoot says that no token arrived at all, so a proxy in front of it may drop the header (nginx: underscores_in_headers on)';
      return { expected: told(world, 'chatwoot_token_dropped', `${TOKEN_REJECTED}; ${hint}`, [401, body], 401) };
    },
  },
  {
    title: 'a proxy that drops headers with an underscore is no obstacle',
    arrange(world) {
      world.fault({ kind: 'dropAuthHeader' });
      return { expected: ACTIVATED };
    },
  },
  {
    title: '401, the token of an agent',
    arrange(world) {
      const { state } = world.chatwoot;
      const agent = state.addUser({ name: `Bia ${world.account}`, accounts: [{ id: world.account, role: 'agent' }] });
      const body = '{"error":"You are not authorized to do this action"}';
      return {
        body: { chatwootApiToken: agent },
        expected: told(world, 'chatwoot_not_admin', denied(world.account), [401, body], 403),
      };
    },
  },
  {
    title: '401 in words nobody knows, the token of an agent',
    arrange(world) {
      const { state } = world.chatwoot;
      const agent = state.addUser({ name: `Caio ${world.account}`, accounts: [{ id: world.account, role: 'agent' }] });
      const body = '{"error":"Keine Berechtigung"}';
      world.fault({ kind: 'status', status: 401, body, contentType: 'application/json' });
      return {
        body: { chatwootApiToken: agent },
        expected: told(world, 'chatwoot_not_admin', denied(world.account), [401, body], 403),
      };
    },
  },
  {
    title: '401 in words nobody knows, a token Chatwoot does not know',
    arrange(world) {
      const body = '{"error":"Ungültiges Token"}';
      world.fault({ kind: 'status', status: 401, body, contentType: 'application/json' });
      return {
        body: { chatwootApiToken: 'thisTokenIsUnknown000002' },
        expected: told(world, 'chatwoot_token_invalid', TOKEN_REJECTED, [401, body], 401),
      };
    },
  },
  {
    title: '401, an account of somebody else',
    arrange(world) {
      const stranger = world.chatwoot.state.addUser({ name: `Davi ${world.account}`, accounts: [] });
      const text = `${denied(world.account)}; ${FOREIGN_HINT}`;
      return {
        body: { chatwootApiToken: stranger },
        expected: told(world, 'chatwoot_not_member', text, [401, UNAUTHORIZED], 403),
      };
    },
  },
  {
    title: '401, an account of somebody else, in Portuguese',
    release: 'portuguese',
    arrange(world) {
      const stranger = world.chatwoot.state.addUser({ name: `Eva ${world.account}`, accounts: [] });
      const body = '{"error":"Você não está autorizado a acessar esta conta"}';
      const text = `${denied(world.account)}; ${FOREIGN_HINT}`;
      return {
        body: { chatwootApiToken: stranger },
        expected: told(world, 'chatwoot_not_member', text, [401, body], 403),
      };
    },
  },
  {
    title: '401, the token of a bot',
    arrange(world) {
      const bot = world.chatwoot.state.addAgentBot({ name: 'Robo', accountId: world.account });
      const body = '{"error":"Access to this endpoint is not authorized for bots"}';
      const text = `${denied(world.account)}; ${BOT_HINT}`;
      return { body: { chatwootApiToken: bot.token }, expected: told(world, 'chatwoot_bot_token', text, [401, body], 403) };
    },
  },
  {
    title: '401, the token of a platform app',
    arrange(world) {
      const body = '{"error":"Access to this endpoint is not authorized for bots"}';
      const text = `${denied(world.account)}; ${BOT_HINT}`;
      return {
        body: { chatwootApiToken: world.chatwoot.state.addPlatformApp() },
        expected: told(world, 'chatwoot_bot_token', text, [401, body], 403),
      };
    },
  },
  {
    title: '401, a bot of another account',
    arrange(world) {
      const body = '{"error":"Bot is not authorized to access this account"}';
      world.fault({ kind: 'status', status: 401, body, contentType: 'application/json' });
      return { expected: told(world, 'chatwoot_bot_token', `${denied(world.account)}; ${BOT_HINT}`, [401, body], 403) };
    },
  },
  {
    title: '401, a suspended account',
    arrange(world) {
      world.chatwoot.state.addAccount({ id: world.account, suspended: true });
      const text = `Chatwoot denied the request — account ${world.account} is suspended in Chatwoot; have it reactivated there`;
      return { expected: told(world, 'chatwoot_account_suspended', text, [401, '{"error":"Account is suspended"}'], 403) };
    },
  },
  {
    title: '402, the plan is full',
    arrange(world) {
      world.chatwoot.state.addAccount({ id: world.account, inboxLimit: 0 });
      const body = '{"error":"Account limit exceeded. Upgrade to a higher plan"}';
      const text = `Chatwoot denied the request — account ${world.account} has reached the inboxes its plan allows; remove one or change the plan`;
      return { expected: told(world, 'chatwoot_plan_limit', text, [402, body], 403) };
    },
  },
  {
    title: '403, a plan without API',
    arrange(world) {
      world.chatwoot.state.addAccount({ id: world.account, apiDisabled: true });
      const body = '{"error":"API access is not enabled for this account"}';
      const text = `Chatwoot denied the request — the plan of account ${world.account} has no API access; change the plan in Chatwoot`;
      return { expected: told(world, 'chatwoot_api_disabled', text, [403, body], 403) };
    },
  },
  {
    title: '403, the page of a firewall',
    arrange(world) {
      world.fault({ kind: 'status', status: 403, body: FORBIDDEN_PAGE });
      return { expected: told(world, 'chatwoot_denied', denied(world.account), [403, FORBIDDEN_PAGE], 403) };
    },
  },
  {
    title: '404, an account that does not exist',
    arrange(world) {
      const account = world.account + 900_000;
      const url = world.inboxesUrl.replace(`/${world.account}/`, `/${account}/`);
      const body = '{"error":"Resource could not be found"}';
      return {
        body: { chatwootAccountId: account },
        expected: {
          status: 400,
          code: 'chatwoot_account_not_found',
          message: `${notFound(baseOf(url), account)}. Detail: ${url} HTTP 404: ${body}`,
        },
      };
    },
  },
  {
    title: '422, an inbox name that an old Chatwoot does not take',
    release: 'old',
    arrange(world) {
      const body =
        '{"message":"Name should not start or end with symbols, and it should not have \\u003c \\u003e / \\\\ @ characters.","attributes":["name"]}';
      return {
        body: { inboxName: 'Vendas 📱' },
        expected: told(world, 'chatwoot_invalid_request', `${INVALID} — ${NAME_HINT}`, [422, body], 400),
      };
    },
  },
  {
    title: '422, a webhook address that is too long',
    arrange(world) {
      const body = '{"message":"Webhook url is too long (maximum is 2048 characters)","attributes":["webhook_url"]}';
      world.fault({ kind: 'status', status: 422, body, contentType: 'application/json' });
      const hint = 'the operator has to change BRIDGE_PUBLIC_URL (Chatwoot takes webhook addresses of up to 2,048 characters)';
      return { expected: told(world, 'chatwoot_invalid_request', `${INVALID} — ${hint}`, [422, body], 400) };
    },
  },
  {
    title: '422 of another kind',
    arrange(world) {
      const body = '{"error":"param is missing or the value is empty: channel"}';
      world.fault({ kind: 'status', status: 422, body, contentType: 'application/json' });
      const text = `${INVALID} — the detail says what Chatwoot objects to`;
      return { expected: told(world, 'chatwoot_invalid_request', text, [422, body], 400) };
    },
  },
];

/** Answers at the address of Chatwoot that are not Chatwoot’s, or not of this endpoint. */
const wrongAddresses: Row[] = [
  {
    title: '404 of Rails, a path too many in chatwootBaseUrl',
    arrange(world) {
      const base = `${baseOf(world.inboxesUrl)}/chat`;
      const url = `${base}/api/v1/accounts/${world.account}/inboxes`;
      return {
        body: { chatwootBaseUrl: `${base}/` },
        expected: {
          status: 400,
          code: 'chatwoot_endpoint_not_found',
          message: `${notFound(base, world.account)}; ${NO_API_THERE}. Detail: ${url} HTTP 404: {"status":404,"error":"Not Found"}`,
        },
      };
    },
  },
  {
    title: '404, the page of a web server',
    arrange(world) {
      world.fault({ kind: 'status', status: 404, body: NOT_FOUND_PAGE });
      const text = `${notFound(baseOf(world.inboxesUrl), world.account)}; ${NO_API_THERE}`;
      return { expected: told(world, 'chatwoot_endpoint_not_found', text, [404, NOT_FOUND_PAGE], 400) };
    },
  },
  {
    title: '405',
    arrange(world) {
      world.fault({ kind: 'status', status: 405, body: 'Method Not Allowed' });
      const text = `${notFound(baseOf(world.inboxesUrl), world.account)}; ${NO_API_THERE}`;
      return { expected: told(world, 'chatwoot_endpoint_not_found', text, [405, 'Method Not Allowed'], 400) };
    },
  },
  {
    title: '400, http on a port of https',
    arrange(world) {
      const body = '<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>';
      world.fault({ kind: 'status', status: 400, body });
      const text = `${INVALID} — use https:// in chatwootBaseUrl`;
      return { expected: told(world, 'chatwoot_invalid_request', text, [400, body], 400) };
    },
  },
  ...([301, 308] as const).map(
    (status): Row => ({
      title: `${status}, a redirect to https`,
      arrange(world) {
        const location = world.inboxesUrl.replace('http:', 'https:');
        world.fault({ kind: 'status', status, body: '', headers: { location } });
        const text = `${notFound(baseOf(world.inboxesUrl), world.account)}; that address redirects to ${location}, use the final address (often https)`;
        return {
          expected: {
            status: 400,
            code: 'chatwoot_redirect',
            message: `${text}. Detail: ${world.inboxesUrl} HTTP ${status}:`,
          },
        };
      },
    }),
  ),
  ...(
    [
      ['a page', '<!DOCTYPE html><html><head><title>Chatwoot</title></head></html>', 'text/html'],
      ['a list in place of an inbox', '{"payload":[]}', 'application/json'],
      ['an inbox whose id is no number', '{"id":"12"}', 'application/json'],
    ] as const
  ).map(
    ([what, body, contentType]): Row => ({
      title: `200 with ${what}`,
      arrange(world) {
        world.fault({ kind: 'status', status: 200, body, contentType });
        const text = `${notFound(baseOf(world.inboxesUrl), world.account)}; ${NO_API_THERE}`;
        return { expected: told(world, 'chatwoot_endpoint_not_found', text, [200, body], 400) };
      },
    }),
  ),
];

/** What may pass by itself: tried again, and told if it does not. */
const failures: Row[] = [
  ...([500, 502, 503, 504] as const).map(
    (status): Row => ({
      title: `${status}, again and again`,
      arrange(world) {
        const body = status === 500 ? '{"status":500,"error":"Internal Server Error"}' : `<html>${status}</html>`;
        world.fault({ kind: 'status', status, body });
        const answer = `${body}${LOOK_INTO_ITS_LOG}`;
        const expected = told(world, 'chatwoot_failing', unreachable(baseOf(world.inboxesUrl)), [status, answer], 502);
        return { expected: { ...expected, ...tried(4) } };
      },
    }),
  ),
  {
    title: '500, once',
    arrange(world) {
      world.fault({ kind: 'status', status: 500, body: '{"status":500,"error":"Internal Server Error"}' }, { times: 1 });
      return { expected: ACTIVATED_AT_LAST };
    },
  },
  {
    title: '422, a database that took too long, again and again',
    arrange(world) {
      world.fault({ kind: 'status', status: 422, body: TOO_LONG, contentType: 'application/json' });
      const text = `Chatwoot at ${baseOf(world.inboxesUrl)} took too long for this request — try again in a minute`;
      return { expected: { ...told(world, 'chatwoot_busy', text, [422, TOO_LONG], 503), ...WHOLE_DEADLINE } };
    },
  },
  {
    title: '422, a database that took too long, once',
    arrange(world) {
      world.fault({ kind: 'status', status: 422, body: TOO_LONG, contentType: 'application/json' }, { times: 1 });
      return { expected: ACTIVATED_AT_LAST };
    },
  },
  {
    title: '429 without Retry-After, again and again',
    arrange(world) {
      world.fault({ kind: 'status', status: 429, body: 'Retry later\n' });
      const text = `Chatwoot at ${baseOf(world.inboxesUrl)} is limiting our requests — try again in a minute`;
      return { expected: { ...told(world, 'chatwoot_rate_limited', text, [429, 'Retry later'], 503), ...WHOLE_DEADLINE } };
    },
  },
  {
    title: '429 with a Retry-After after the deadline',
    arrange(world) {
      world.fault({ kind: 'status', status: 429, body: 'Retry later\n', headers: { 'retry-after': '57' } });
      const text = `Chatwoot at ${baseOf(world.inboxesUrl)} is limiting our requests — try again in a minute`;
      return { expected: { ...told(world, 'chatwoot_rate_limited', text, [429, 'Retry later'], 503), retryAfter: '57' } };
    },
  },
  {
    title: '429 with a Retry-After within the deadline, once',
    arrange(world) {
      world.fault({ kind: 'status', status: 429, body: 'Retry later\n', headers: { 'retry-after': '1' } }, { times: 1 });
      return { expected: ACTIVATED_AT_LAST };
    },
  },
];

export const chatwootRows: readonly Row[] = [...failures, ...refusals, ...wrongAddresses];
