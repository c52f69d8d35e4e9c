import { z } from 'zod';
import { PonteError } from '../errors/ponte-error.ts';
import { variables as v } from './variables.ts';

const common = {
  LOG_LEVEL: v.LOG_LEVEL,
  ENCRYPTION_KEYS: v.ENCRYPTION_KEYS,
  OTEL_EXPORTER_OTLP_ENDPOINT: v.OTEL_EXPORTER_OTLP_ENDPOINT,
};

const ADMIN_PAIR = { message: 'ADMIN_USER and ADMIN_PASSWORD go together: set both or neither', path: ['ADMIN_PASSWORD'] };
const adminPair = (env: { ADMIN_USER?: string; ADMIN_PASSWORD?: string }) => !env.ADMIN_USER === !env.ADMIN_PASSWORD;

const MAIL_PARTS = { message: 'SMTP_URL, MAIL_FROM and MAIL_TO go together: set all of them or none', path: ['SMTP_URL'] };
const mailParts = (env: { SMTP_URL?: string; MAIL_FROM?: string; MAIL_TO?: string }) =>
  new Set([env.SMTP_URL, env.MAIL_FROM, env.MAIL_TO].map((part) => part === undefined)).size === 1;

const apiSchema = z
  .object({
    ...common,
    HOST: v.HOST,
    PORT: v.PORT,
    TRUST_PROXY: v.TRUST_PROXY,
    BASE_URL: v.BASE_URL,
    DATABASE_URL: v.DATABASE_URL,
    REDIS_URL: v.REDIS_URL,
    BRIDGE_URL: v.BRIDGE_URL,
    BRIDGE_TOKEN: v.BRIDGE_TOKEN,
    ADMIN_USER: v.ADMIN_USER,
    ADMIN_PASSWORD: v.ADMIN_PASSWORD,
    ENGINE_URL: v.ENGINE_URL,
    ENGINE_TOKEN: v.ENGINE_TOKEN,
    ENGINE_ALLOW_PRIVATE_NETWORK: v.ENGINE_ALLOW_PRIVATE_NETWORK,
    ACTIVATION_TIMEOUT_MS: v.ACTIVATION_TIMEOUT_MS,
    RATE_LIMIT_PER_MINUTE: v.RATE_LIMIT_PER_MINUTE,
    EVENT_RETENTION_DAYS: v.EVENT_RETENTION_DAYS,
  })
  .refine(adminPair, ADMIN_PAIR)
  .transform((env) => ({ ...env, BASE_URL: env.BASE_URL ?? `http://localhost:${env.PORT}` }));

const workerSchema = z
  .object({
    ...common,
    PORT: v.PORT,
    BASE_URL: v.BASE_URL,
    DATABASE_URL: v.DATABASE_URL,
    REDIS_URL: v.REDIS_URL,
    BRIDGE_URL: v.BRIDGE_URL.unwrap(),
    BRIDGE_TOKEN: v.BRIDGE_TOKEN.unwrap(),
    BRIDGE_INTERNAL_RYZEAPI_URL: v.BRIDGE_INTERNAL_RYZEAPI_URL,
    ENGINE_URL: v.ENGINE_URL,
    ENGINE_TOKEN: v.ENGINE_TOKEN,
    ENGINE_ALLOW_PRIVATE_NETWORK: v.ENGINE_ALLOW_PRIVATE_NETWORK,
    WEBHOOK_ALLOW_PRIVATE_NETWORK: v.WEBHOOK_ALLOW_PRIVATE_NETWORK,
    SMTP_URL: v.SMTP_URL,
    MAIL_FROM: v.MAIL_FROM,
    MAIL_TO: v.MAIL_TO,
    MAIL_EVERY_MINUTES: v.MAIL_EVERY_MINUTES,
    WORKER_CONCURRENCY: v.WORKER_CONCURRENCY,
    WORKER_HOST: v.WORKER_HOST,
    WORKER_PORT: v.WORKER_PORT,
    ADMIN_USER: v.ADMIN_USER,
    ADMIN_PASSWORD: v.ADMIN_PASSWORD,
  })
  .refine(adminPair, ADMIN_PAIR)
  .refine(mailParts, MAIL_PARTS)
  .transform(({ PORT, ...env }) => {
    const BASE_URL = env.BASE_URL ?? `http://localhost:${PORT}`;
    return { ...env, BASE_URL, BRIDGE_INTERNAL_RYZEAPI_URL: env.BRIDGE_INTERNAL_RYZEAPI_URL ?? BASE_URL };
  });

const bridgeSchema = z
  .object({
    ...common,
    BRIDGE_HOST: v.BRIDGE_HOST,
    BRIDGE_PORT: v.BRIDGE_PORT,
    TRUST_PROXY: v.TRUST_PROXY,
    BRIDGE_TOKEN: v.BRIDGE_TOKEN.unwrap(),
    BRIDGE_PUBLIC_URL: v.BRIDGE_PUBLIC_URL,
    DATABASE_URL: v.DATABASE_URL.optional(),
    BRIDGE_DATABASE_URL: v.BRIDGE_DATABASE_URL,
    CHATWOOT_ALLOW_PRIVATE_NETWORK: v.CHATWOOT_ALLOW_PRIVATE_NETWORK,
    LATE_REPLY_MINUTES: v.LATE_REPLY_MINUTES,
    ADMIN_USER: v.ADMIN_USER,
    ADMIN_PASSWORD: v.ADMIN_PASSWORD,
  })
  .refine(adminPair, ADMIN_PAIR)
  .transform(({ DATABASE_URL, ...env }, context) => {
    const databaseUrl = env.BRIDGE_DATABASE_URL ?? DATABASE_URL;
    if (databaseUrl === undefined) {
      context.addIssue({ code: 'custom', path: ['BRIDGE_DATABASE_URL'], message: 'is missing, and so is DATABASE_URL' });
      return z.NEVER;
    }
    return {
      ...env,
      BRIDGE_DATABASE_URL: databaseUrl,
      BRIDGE_PUBLIC_URL: env.BRIDGE_PUBLIC_URL ?? `http://localhost:${env.BRIDGE_PORT}`,
    };
  });

export type ApiConfig = z.output<typeof apiSchema>;
export type WorkerConfig = z.output<typeof workerSchema>;
export type BridgeConfig = z.output<typeof bridgeSchema>;
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads and validates what a schema asks for. An empty variable counts as not set (compose files pass those).
 * Throws PonteError `config_invalid` with one line for each variable at fault; no value is repeated in it.
 */
export function readConfig<Schema extends z.ZodType>(schema: Schema, env: Environment): Readonly<z.output<Schema>> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(given);
  if (parsed.success) return Object.freeze(parsed.data);
  const faults = parsed.error.issues.map((issue) => {
    const name = String(issue.path[0] ?? 'environment');
    return `${name} ${name in given || issue.code === 'custom' ? issue.message : 'is missing'}`;
  });
  throw new PonteError('config_invalid', { faults: faults.join('\n  ') });
}

export const readApiConfig = (env: Environment): ApiConfig => readConfig(apiSchema, env);
export const readWorkerConfig = (env: Environment): WorkerConfig => readConfig(workerSchema, env);
export const readBridgeConfig = (env: Environment): BridgeConfig => readConfig(bridgeSchema, env);
export const readDatabaseConfig = (env: Environment) =>
  readConfig(z.object({ DATABASE_URL: v.DATABASE_URL, BRIDGE_DATABASE_URL: v.BRIDGE_DATABASE_URL, REDIS_URL: v.REDIS_URL }), env);
export const readKeysConfig = (env: Environment) =>
  readConfig(
    z.object({ DATABASE_URL: v.DATABASE_URL, BRIDGE_DATABASE_URL: v.BRIDGE_DATABASE_URL, ENCRYPTION_KEYS: v.ENCRYPTION_KEYS }),
    env,
  );
