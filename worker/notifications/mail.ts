import { createHash } from 'node:crypto';
import nodemailer from 'nodemailer';
import { type Backoff, backoffMs } from '../../shared/backoff.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { NotificationType } from '../../shared/notifications/event.ts';
import { makeEvent } from '../../shared/notifications/make-event.ts';
import { createTurns, type Turns } from '../../shared/turns.ts';
import { WORKER_LIMITS, type WorkerTimeouts } from '../timeouts.ts';
import { composeMail } from './compose-mail.ts';
import { claimMail, closeMailbox, type MailedEvent, openMailbox, postponeMail, settleMailed } from './queries/mailbox.ts';

/** That an activation ended is for whoever began it. */
const EVENTS: readonly NotificationType[] = [
  'integration.error',
  'integration.recovered',
  'message.set_aside',
  'instance.disconnected',
];
/** What one mail tells of at most; what is left comes with the next. */
const MOST_EVENTS = 1_000;
const PAUSES: Backoff = { firstMs: 30_000, maxMs: 3_600_000 };
const RETRY_MS = 10_000;

export interface MailSettings {
  readonly SMTP_URL: string;
  readonly MAIL_FROM: string;
  readonly MAIL_TO: string;
  readonly MAIL_EVERY_MINUTES: number;
}

/**
 * Mails the operator what has happened in the whole house: one mail at most in so many minutes, of everything since the one before. What was
 * not sent yet is in the database; one that a worker was just sending when it died may come twice. Without settings nothing is kept for it.
 */
export function createOperatorMail(deps: {
  prisma: PrismaClient;
  settings: MailSettings | undefined;
  baseUrl: string;
  timeouts: WorkerTimeouts['notifications'];
  logger: Logger;
}): Turns {
  const { prisma, settings, baseUrl, logger, timeouts } = deps;
  const send = settings === undefined ? undefined : createSender(settings, baseUrl);
  let isReady = false;

  async function work(): Promise<number | undefined> {
    if (!isReady) await (settings === undefined ? closeMailbox(prisma) : openMailbox(prisma, EVENTS));
    isReady = true;
    if (settings === undefined || send === undefined) return undefined;
    const claimed = await claimMail(prisma, { limit: MOST_EVENTS, claimMs: timeouts.mailClaimMs });
    if (claimed === undefined) return timeouts.everyMs;
    const { events, failures } = claimed;
    const reason = await send(events).catch(reasonOf);
    if (reason === undefined) {
      await settleMailed(prisma, events, settings.MAIL_EVERY_MINUTES * 60_000);
      logger.info({ events: events.length }, 'the operator was mailed');
    } else {
      const delayMs = backoffMs(PAUSES, failures + 1);
      await postponeMail(prisma, delayMs);
      logger.warn({ reason, retryInMs: delayMs }, 'the operator could not be mailed yet');
    }
    return timeouts.everyMs;
  }

  return createTurns({
    work,
    onError: (error) => {
      logger.warn({ reason: String(error) }, 'no mail could be looked for, trying again');
      return RETRY_MS;
    },
  });
}

type Send = (events: readonly MailedEvent[]) => Promise<undefined>;

function createSender({ SMTP_URL, MAIL_FROM, MAIL_TO }: MailSettings, baseUrl: string): Send {
  const stepMs = WORKER_LIMITS.smtpStepMs;
  const transport = nodemailer.createTransport({
    url: SMTP_URL,
    dnsTimeout: stepMs,
    connectionTimeout: stepMs,
    greetingTimeout: stepMs,
    socketTimeout: stepMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const { host } = new URL(baseUrl);
  return async (events) => {
    const known = events.flatMap((event) => makeEvent(event, baseUrl) ?? []);
    if (known.length === 0) return;
    const messageId = `<${createHash('sha256')
      .update(known.map(({ id }) => id).join())
      .digest('hex')
      .slice(0, 32)}@ponte>`;
    await transport.sendMail({ from: MAIL_FROM, to: MAIL_TO, messageId, ...composeMail(known, host) });
  };
}

/** What the mail server says, and never the error itself, which may hold its password. */
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message.slice(0, 300) : 'unknown');
