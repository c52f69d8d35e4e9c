import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { textsOf } from './locale.ts';
import { found, toId } from './params.ts';
import { notPermitted, Refusal, unauthorized } from './replies.ts';
import type { AccountRow, AgentBotRow, InboxRow, Role, TokenRow, UserRow } from './rows.ts';
import type { World } from './world.ts';

/** Who is calling an account's endpoint, after all of Chatwoot's checks. */
export type Caller = { account: AccountRow } & ({ kind: 'user'; user: UserRow; role: Role } | { kind: 'bot'; bot: AgentBotRow });

/** The actions an agent bot's token may call; every other endpoint answers it with 401. */
const botActions: [method: string, path: RegExp][] = [
  ['GET', /\/conversations\/[^/]+$/],
  ['POST', /\/conversations$/],
  ['PATCH', /\/conversations\/[^/]+$/],
  [
    'POST',
    /\/conversations\/[^/]+\/(toggle_status|toggle_typing_status|toggle_priority|custom_attributes|messages|assignments|labels)$/,
  ],
  ['GET', /\/conversations\/[^/]+\/labels$/],
];

const mayBot = (req: Request): boolean => {
  const path = req.path.replace(/\/$/, '');
  return botActions.some(([method, pattern]) => req.method === method && pattern.test(path));
};

/**
 * The token of a request. Rack turns both `api_access_token` and `api-access-token` into the same variable, so both count; sent twice, the
 * server joins them, and the result is no known token.
 */
function presentedToken(req: Request): string {
  const forms = [req.headers.api_access_token, req.headers['api-access-token']].flat();
  return forms
    .filter((value) => value !== undefined && value.trim() !== '')
    .join(', ')
    .trim();
}

/** The token's row, for the request log too. */
export function findToken(world: World, req: Request): TokenRow | undefined {
  return world.tables.tokens.group('token', presentedToken(req))[0];
}

const localeOf = (world: World, req: Request) =>
  typeof req.query.locale === 'string' ? req.query.locale : world.settings.defaultLocale;

const notForBots = () => unauthorized('Access to this endpoint is not authorized for bots');

type Owner = { kind: 'user'; user: UserRow } | { kind: 'bot'; bot: AgentBotRow };

function authenticate(world: World, req: Request): Owner {
  if (presentedToken(req) === '') throw new Refusal(401, { errors: [textsOf(localeOf(world, req)).signIn] });
  const token = findToken(world, req);
  if (!token) throw unauthorized('Invalid Access Token');
  if (token.owner.type === 'User') {
    const user = world.tables.users.get(token.owner.id);
    if (user) return { kind: 'user', user };
  }
  if (token.owner.type === 'AgentBot') {
    const bot = world.tables.agentBots.get(token.owner.id);
    if (bot && mayBot(req)) return { kind: 'bot', bot };
  }
  throw notForBots();
}

function authorize(world: World, req: Request): Caller {
  const owner = authenticate(world, req);
  const account = found(world.tables.accounts.get(toId(req.params.account_id)));
  if (account.suspended) throw unauthorized('Account is suspended');
  if (owner.kind === 'bot') {
    if (owner.bot.accountId !== null && owner.bot.accountId !== account.id) {
      throw unauthorized('Bot is not authorized to access this account');
    }
    checkPlan(world, account);
    return { kind: 'bot', bot: owner.bot, account };
  }
  const membership = owner.user.memberships.find((candidate) => candidate.accountId === account.id);
  if (!membership) {
    const locale = world.features.planGate ? localeOf(world, req) : 'en';
    throw unauthorized(textsOf(locale).notMember);
  }
  checkPlan(world, account);
  return { kind: 'user', user: owner.user, role: membership.role, account };
}

function checkPlan(world: World, account: AccountRow): void {
  if (world.features.planGate && account.apiDisabled)
    throw new Refusal(403, { error: 'API access is not enabled for this account' });
}

/** Handler of an endpoint of an account: called after token, account, suspension, membership and plan were checked, in that order. */
export type AccountHandler = (caller: Caller, req: Request, res: Response) => void | Promise<void>;

export function forAccount(world: World, handler: AccountHandler): RequestHandler {
  return async (req: Request, res: Response, next: NextFunction) => {
    try {
      const caller = authorize(world, req);
      const handle = () => handler(caller, req, res);
      await (res.locals.losesJobs === true ? world.withoutJobs(handle) : handle());
    } catch (error) {
      next(error);
    }
  };
}

/** Handler of an endpoint outside any account: a user's token is enough. */
export function forUser(world: World, handler: (user: UserRow, req: Request, res: Response) => void): RequestHandler {
  return (req, res) => {
    const owner = authenticate(world, req);
    if (owner.kind !== 'user') throw notForBots();
    handler(owner.user, req, res);
  };
}

/** Pundit's refusal for everybody but administrators: a 401, not a 403. */
export function requireAdministrator(caller: Caller): void {
  if (caller.kind !== 'user' || caller.role !== 'administrator') throw notPermitted();
}

export const isAdministrator = (caller: Caller): boolean => caller.kind === 'user' && caller.role === 'administrator';

/** Agents see only the inboxes they are members of; administrators and bots see all. */
export function maySeeInbox(caller: Caller, inbox: InboxRow): boolean {
  return caller.kind === 'bot' || caller.role === 'administrator' || inbox.memberIds.includes(caller.user.id);
}

export function requireInbox(caller: Caller, inbox: InboxRow): void {
  if (!maySeeInbox(caller, inbox)) throw notPermitted();
}
