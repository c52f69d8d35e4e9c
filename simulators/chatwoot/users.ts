import type { AccountRow, AgentBotRow, JsonObject, UserRow } from './rows.ts';

/** The name agents are shown under. */
export const availableName = (user: UserRow): string => user.displayName ?? user.name;

/** A user inside messages, assignees and typing events of the API and of nested webhook objects. */
export const userPushData = (user: UserRow): JsonObject => ({
  id: user.id,
  name: user.name,
  available_name: availableName(user),
  avatar_url: '',
  type: 'user',
  availability_status: 'online',
  thumbnail: '',
});

/** A user as the sender at the top level of a webhook. */
export const userWebhookData = (user: UserRow): JsonObject => ({ id: user.id, name: user.name, email: user.email, type: 'user' });

export const botPushData = (bot: AgentBotRow): JsonObject => ({ id: bot.id, name: bot.name, avatar_url: '', type: 'agent_bot' });
export const botWebhookData = (bot: AgentBotRow): JsonObject => ({ id: bot.id, name: bot.name, type: 'agent_bot' });

/** An agent in lists of agents and inbox members, and as the assignee of a conversation in the API. */
export const agentView = (user: UserRow, accountId: number): JsonObject => ({
  id: user.id,
  account_id: accountId,
  availability_status: 'online',
  auto_offline: true,
  confirmed: true,
  email: user.email,
  provider: 'email',
  available_name: availableName(user),
  name: user.name,
  role: user.memberships.find((membership) => membership.accountId === accountId)?.role ?? 'agent',
  thumbnail: '',
  custom_role_id: null,
});

export const accountWebhookData = (account: AccountRow): JsonObject => ({ id: account.id, name: account.name });
