import { z } from 'zod';
import { parseKeys } from '../encryption/keys.ts';

const wholeNumber = (least: number, most: number) => {
  const error = `must be a whole number from ${least} to ${most}`;
  return z.coerce.number({ error }).int({ error }).min(least, { error }).max(most, { error });
};
const port = (fallback: number) => wholeNumber(1, 65_535).default(fallback);
const httpUrl = () =>
  z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' }).transform((url) => url.replace(/\/+$/, ''));
/** A password may have any character in it: what would end it in a URL is escaped here, and not by whoever writes the configuration. */
const withEscapedPassword = (url: string): string =>
  url.replace(
    /^(\w+:\/\/[^:@/?#]*:)(.*)@/s,
    (_, head: string, password: string) =>
      `${head}${password.replace(/%(?![\da-f]{2})|[^\w.~!$&'()*+,;=%-]/gi, encodeURIComponent)}@`,
  );
const serverUrl = (protocol: RegExp, error: string) => z.string().transform(withEscapedPassword).pipe(z.url({ protocol, error }));
const postgresUrl = () => serverUrl(/^postgres(ql)?$/, 'must be a URL such as postgresql://user:password@host:5432/database');
const secret = (least: number) => z.string().min(least, `must have at least ${least} characters`);

/** What a client waits for its activation unless the setting says otherwise. */
export const ACTIVATION_TIMEOUT_MS = 60_000;

const host = () =>
  z
    .string()
    .regex(/^[\w.:-]{1,253}$/, 'must be an IP address or a host name')
    .optional();

const mailboxes = () => z.string().regex(/^[^@\r\n]+@[^@\s]+(,[^@\r\n]+@[^@\s]+)*$/, 'must be an e-mail address');

/** Where addresses that customers give may lead: nowhere private, anywhere, or into these ranges. */
const privateNetwork = () =>
  z
    .string()
    .default('false')
    .transform((text, context): boolean | string[] => {
      if (text === 'true' || text === 'false') return text === 'true';
      const ranges = text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '');
      if (ranges.length > 0 && ranges.every((range) => /^[\da-fA-F.:]+(\/\d{1,3})?$/.test(range))) return ranges;
      context.addIssue({
        code: 'custom',
        message: 'must be true, false, or a list of addresses and CIDR ranges (10.0.0.0/8,192.168.1.5)',
      });
      return z.NEVER;
    });

/**
 * Every variable Ponte reads, once: its rule, its default and what the configuration reference says of it.
 * The rooms pick what they need in config.ts; nothing else reads the environment.
 */
export const variables = {
  PORT: port(3000).meta({ description: 'Port of the api.' }),
  HOST: host().meta({ description: 'Address the api listens on, such as `127.0.0.1`. Default: all of the machine’s.' }),
  TRUST_PROXY: z
    .string()
    .default('false')
    .transform((text, context): boolean | number | string[] => {
      if (text === 'false') return false;
      if (/^\d{1,2}$/.test(text)) return Number(text);
      const ranges = text.split(',').map((part) => part.trim());
      if (ranges.every((range) => /^([\da-fA-F.:]+(\/\d{1,3})?|loopback|linklocal|uniquelocal)$/.test(range))) return ranges;
      context.addIssue({
        code: 'custom',
        message: 'must be false, a number of proxies, or a list of their addresses and CIDR ranges (loopback,10.0.0.0/8)',
      });
      return z.NEVER;
    })
    .meta({
      description:
        'Whose X-Forwarded-For is believed by api and bridge: `false`, how many proxies are in front, or their addresses and ranges (`loopback,10.0.0.0/8`). Without it everybody behind a proxy is one address to the limits.',
    }),
  BASE_URL: httpUrl()
    .optional()
    .meta({ description: 'Address under which clients reach the api. Default: `http://localhost:PORT`.' }),
  DATABASE_URL: postgresUrl().meta({
    description: 'PostgreSQL (13 or later) of api and worker; also carries the queue where REDIS_URL is not set.',
    example: 'postgresql://ponte:secret@localhost:5432/ponte',
  }),
  REDIS_URL: serverUrl(/^rediss?$/, 'must be a URL such as redis://host:6379/0')
    .optional()
    .meta({
      description:
        'Redis 6.2 or later, or Valkey: carries the queue and the rate limit. Without it the queue lives in PostgreSQL.',
      example: 'redis://localhost:6379/0',
    }),
  BRIDGE_URL: httpUrl().optional().meta({
    description: 'Where the worker and the api reach the bridge. Without it every chatwoot endpoint answers 503.',
    example: 'http://localhost:3001',
  }),
  BRIDGE_TOKEN: secret(16).optional().meta({
    description: 'Secret shared by api, worker and bridge. Make one with `openssl rand -hex 32`.',
  }),
  BRIDGE_INTERNAL_RYZEAPI_URL: httpUrl().optional().meta({
    description: 'Where the bridge reaches the api, if that is another address than BASE_URL (containers). Default: `BASE_URL`.',
  }),
  BRIDGE_HOST: host().meta({ description: 'Address the bridge listens on. Default: all of the machine’s.' }),
  BRIDGE_PORT: port(3001).meta({ description: 'Port of the bridge.' }),
  BRIDGE_PUBLIC_URL: httpUrl().optional().meta({
    description:
      'Where Chatwoot reaches the webhooks of the bridge. Chatwoot 4.14 and later refuses private addresses. Default: `http://localhost:BRIDGE_PORT`.',
  }),
  BRIDGE_DATABASE_URL: postgresUrl().optional().meta({ description: 'PostgreSQL of the bridge. Default: `DATABASE_URL`.' }),
  ENCRYPTION_KEYS: z
    .string()
    .transform((text, context) => {
      const parsed = parseKeys(text);
      if ('fault' in parsed) {
        context.addIssue({ code: 'custom', message: parsed.fault });
        return z.NEVER;
      }
      return parsed.keys;
    })
    .meta({
      description:
        'Keys for secrets at rest, `id:base64` of 32 bytes each, separated by commas. The first encrypts, all decrypt. Make one with `echo "k1:$(openssl rand -base64 32)"`.',
    }),
  ADMIN_USER: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Login of the queue UI and of /metrics; both are off without it.' }),
  ADMIN_PASSWORD: secret(12).optional().meta({ description: 'Password of ADMIN_USER.' }),
  ENGINE_URL: httpUrl().optional().meta({ description: 'WhatsApp engine of instances that were created without `engineUrl`.' }),
  ENGINE_TOKEN: z.string().min(1).optional().meta({ description: 'Token for ENGINE_URL.' }),
  ACTIVATION_TIMEOUT_MS: wholeNumber(1_000, 600_000)
    .default(ACTIVATION_TIMEOUT_MS)
    .meta({ description: 'How long a client waits for its activation, and how long the worker may try, in milliseconds.' }),
  WORKER_CONCURRENCY: wholeNumber(1, 2_000).default(300).meta({
    description:
      'Activations one worker runs at a time; at most 20 of them against one Chatwoot host (a quarter of all where that is less) and 50 of one account (half).',
  }),
  WORKER_HOST: host().meta({ description: 'Address the worker’s health and metrics listen on. Default: all of the machine’s.' }),
  WORKER_PORT: port(3002).meta({ description: 'Port of the worker’s health and metrics.' }),
  ENGINE_ALLOW_PRIVATE_NETWORK: privateNetwork().meta({
    description:
      'Whether an instance’s own engineUrl may lead to private addresses: `false`, `true`, or the ranges that are allowed. ENGINE_URL itself always may.',
  }),
  CHATWOOT_ALLOW_PRIVATE_NETWORK: privateNetwork().meta({
    description:
      'Whether chatwootBaseUrl may lead to private addresses: `false`, `true`, or the ranges that are allowed (`10.0.0.0/8,192.168.1.5`).',
  }),
  WEBHOOK_ALLOW_PRIVATE_NETWORK: privateNetwork().meta({
    description:
      'Whether the webhooks of accounts may lead to private addresses: `false`, `true`, or the ranges that are allowed (`10.0.0.0/8,192.168.1.5`).',
  }),
  SMTP_URL: serverUrl(/^smtps?$/, 'must be a URL such as smtps://user:password@mail.example.com:465')
    .optional()
    .meta({
      description:
        'Mail server by which the operator is told of integrations that fail and recover, of messages that were set aside and of phones that lost their connection. Goes with MAIL_FROM and MAIL_TO; no mail is sent without them.',
      example: 'smtps://ponte:secret@mail.example.com:465',
    }),
  MAIL_FROM: mailboxes().optional().meta({ description: 'Whom those mails are from.', example: 'ponte@example.com' }),
  MAIL_TO: mailboxes()
    .optional()
    .meta({ description: 'Whom they go to; several addresses are separated by commas.', example: 'ops@example.com' }),
  MAIL_EVERY_MINUTES: wholeNumber(1, 1_440)
    .default(15)
    .meta({ description: 'There is at most one mail in so many minutes; it lists all that has happened since the one before.' }),
  LATE_REPLY_MINUTES: wholeNumber(0, 1_440).default(30).meta({
    description:
      'How old an agent’s message that Chatwoot never told of may be and still be sent when Ponte finds it, in minutes. An older one is shown as failed, with the reason.',
  }),
  RATE_LIMIT_PER_MINUTE: wholeNumber(1, 1_000_000).default(100).meta({ description: 'Requests a token may make in a minute.' }),
  EVENT_RETENTION_DAYS: wholeNumber(1, 3_650)
    .default(7)
    .meta({ description: 'For how many days a second delivery of an event by the WhatsApp engine is recognised.' }),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl().optional().meta({
    description:
      'OpenTelemetry collector (OTLP over HTTP) that traces are sent to. Without it none are made. OTEL_EXPORTER_OTLP_HEADERS is honoured.',
    example: 'http://localhost:4318',
  }),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal'], 'must be trace, debug, info, warn, error or fatal')
    .default('info')
    .meta({ description: 'Least level that is logged.' }),
} as const;
