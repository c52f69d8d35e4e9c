import type { Router } from 'express';
import { findToken, forAccount, forUser } from './auth.ts';
import { found, toId } from './params.ts';
import type { AccountRow, JsonObject, Membership, UserRow } from './rows.ts';
import { isoTime } from './times.ts';
import { agentView, availableName } from './users.ts';
import type { World } from './world.ts';

const statusOf = (account: AccountRow): string => (account.suspended ? 'suspended' : 'active');

function membershipView(account: AccountRow, membership: Membership): JsonObject {
  return {
    id: account.id,
    name: account.name,
    status: statusOf(account),
    onboarding_step: null,
    active_at: isoTime(account.createdAt),
    role: membership.role,
    permissions: [membership.role],
    availability: 'online',
    availability_status: 'online',
    auto_offline: true,
    api_and_webhooks: !account.apiDisabled,
    custom_role_id: null,
    custom_role: null,
  };
}

function profileView(world: World, user: UserRow, token: string): JsonObject {
  const accounts = user.memberships.flatMap((membership) => {
    const account = world.tables.accounts.get(membership.accountId);
    return account ? [membershipView(account, membership)] : [];
  });
  const current = user.memberships[0];
  return {
    access_token: token,
    account_id: current?.accountId ?? null,
    available_name: availableName(user),
    avatar_url: '',
    confirmed: true,
    display_name: user.displayName,
    message_signature: user.messageSignature,
    email: user.email,
    id: user.id,
    inviter_id: null,
    name: user.name,
    provider: 'email',
    pubsub_token: user.pubsubToken,
    role: current?.role ?? null,
    ui_settings: {},
    uid: user.email,
    type: null,
    accounts,
  };
}

const accountView = (world: World, account: AccountRow): JsonObject => ({
  settings: {},
  created_at: isoTime(account.createdAt),
  custom_attributes: {},
  domain: null,
  features: { inbound_emails: true, channel_email: true, help_center: true, agent_bots: true, macros: true },
  id: account.id,
  locale: account.locale,
  name: account.name,
  support_email: null,
  status: statusOf(account),
  cache_keys: { label: '0000000000', inbox: '0000000000', team: '0000000000' },
  latest_chatwoot_version: world.features.version,
});

/** The cheap probes: version, health, profile, account; and the agents of an account. */
export function accountRoutes(world: World, router: Router): void {
  router.get('/api', (_req, res) => {
    const timestamp = new Date().toISOString().slice(0, 19).replace('T', ' ');
    res.json({ version: world.features.version, timestamp, queue_services: 'ok', data_services: world.dataServices() });
  });
  if (world.features.health) router.get('/health', (_req, res) => void res.json({ status: 'woot' }));
  router.get(
    '/api/v1/profile',
    forUser(world, (user, req, res) => {
      res.json(profileView(world, user, findToken(world, req)?.token ?? ''));
    }),
  );
  // A foreign account is a 404 here and a 401 everywhere else, and suspension is not looked at.
  router.get(
    '/api/v1/accounts/:account_id',
    forUser(world, (user, req, res) => {
      const id = toId(req.params.account_id);
      const member = user.memberships.some((membership) => membership.accountId === id);
      res.json(accountView(world, found(member ? world.tables.accounts.get(id) : undefined)));
    }),
  );
  router.get(
    '/api/v1/accounts/:account_id/agents',
    forAccount(world, (caller, _req, res) => {
      const agents = world.tables.users.all().filter((user) => user.memberships.some((m) => m.accountId === caller.account.id));
      res.json(agents.map((user) => agentView(user, caller.account.id)));
    }),
  );
}
