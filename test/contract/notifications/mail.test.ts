import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createLogger } from '../../../shared/logging/logger.ts';
import { secretsOf } from '../../../shared/logging/redaction.ts';
import { createOperatorMail } from '../../../worker/notifications/mail.ts';
import { notifyEndpoints } from '../../../worker/notifications/queries/collect.ts';
import {
  BASE_URL,
  createNotificationsFixture,
  NOTIFICATION_TIMES,
  type NotificationsFixture,
} from '../../support/notifications-fixture.ts';
import { waitFor } from '../../support/wait-for.ts';

const PASSWORD = 'smtp-password-marker';

let fixture: NotificationsFixture;
let instanceId: string;
let smtp: SMTPServer;
let smtpUrl = '';
const mails: string[] = [];
let refusal: string | undefined;
const lines: string[] = [];

beforeAll(async () => {
  fixture = await createNotificationsFixture();
  instanceId = await fixture.newInstance(await fixture.newAccount());
  smtp = new SMTPServer({
    authOptional: false,
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ password }, _session, done) =>
      password === PASSWORD ? done(null, { user: 'ponte' }) : done(new Error(`not ${password}`)),
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (refusal !== undefined) return done(new Error(refusal));
        mails.push(Buffer.concat(chunks).toString().replace(/=\r\n/g, '').replaceAll('=E2=80=94', '—'));
        done();
      });
    },
  });
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  smtpUrl = `smtp://ponte:${PASSWORD}@127.0.0.1:${(smtp.server.address() as AddressInfo).port}`;
});
beforeEach(async () => {
  mails.length = 0;
  refusal = undefined;
  await fixture.database.prisma.notificationEndpoint.deleteMany();
});
afterAll(async () => {
  await new Promise<void>((resolve) => smtp.close(() => resolve()));
  await fixture.stop();
});

const startMail = (url: string | undefined) => {
  const mail = createOperatorMail({
    prisma: fixture.database.prisma,
    settings: url && { SMTP_URL: url, MAIL_FROM: 'ponte@example.com', MAIL_TO: 'ops@example.com', MAIL_EVERY_MINUTES: 15 },
    baseUrl: BASE_URL,
    timeouts: NOTIFICATION_TIMES,
    logger: createLogger({
      ...{ service: 'worker', level: 'trace', secrets: secretsOf({ SMTP_URL: smtpUrl }) },
      destination: { write: (line: string) => void lines.push(line) },
    }),
  } as Parameters<typeof createOperatorMail>[0]);
  mail.start();
  return mail;
};

const mailbox = () => fixture.database.prisma.notificationEndpoint.findUnique({ where: { id: 'operator' } });
const isOpen = () => waitFor(mailbox);
/** Several things happen at once. */
const happen = () =>
  notifyEndpoints(
    fixture.database.prisma,
    ['integration.error', 'message.set_aside', 'activation.finished'].map((type) => ({
      id: `evt_${type}_${Math.random()}`,
      type,
      instanceId,
      ageMs: 0,
      facts: {
        ...{ integration_id: 'int_1', inbox: null, message: 'the inbox no longer exists — activate again' },
        ...{
          direction: 'to_chatwoot',
          dead_letter_id: 'dlt_1',
          conversation_id: null,
          activation_id: 'act_1',
          outcome: 'failed',
        },
      },
    })),
  );
const waiting = () => fixture.database.prisma.notificationDelivery.count({ where: { state: 'pending' } });

it('the operator gets one mail of all that has happened, and the next no sooner than he said', async () => {
  const mail = startMail(smtpUrl);
  await isOpen();
  await happen();
  await waitFor(async () => (await waiting()) === 0);
  const [text = ''] = mails;
  expect(mails).toHaveLength(1);
  expect(text).toContain('To: ops@example.com');
  expect(text).toContain('Subject: Ponte (ponte.example.com): 1 failing, 1 messages set aside');
  expect(text).toContain('the inbox no longer exists — activate again');
  expect(text).toContain('https://ponte.example.com/instances/suporte');
  await happen();
  mail.wake();
  await mail.stop();
  expect([mails.length, await waiting()]).toEqual([1, 2]);
  await fixture.database.prisma.notificationEndpoint.updateMany({ data: { nextMailAt: new Date(0) } });
  const another = startMail(smtpUrl);
  await waitFor(async () => (await waiting()) === 0);
  await another.stop();
  expect(mails).toHaveLength(2);
});

it.each([
  ['refuses mails', () => smtpUrl],
  ['refuses the password', () => smtpUrl.replace(PASSWORD, `${PASSWORD}-wrong`)],
  ['is away', () => smtpUrl.replace(/\d+$/, '9')],
])('a mail server that %s is tried again later; nothing is lost, and no password is logged', async (_why, url) => {
  refusal = 'not today';
  const mail = startMail(url());
  await isOpen();
  await happen();
  await waitFor(async () => ((await mailbox())?.mailFailures ?? 0) > 0);
  await mail.stop();
  expect([mails.length, await waiting()]).toEqual([0, 2]);
  expect(lines.join('')).toContain('the operator could not be mailed yet');
  expect(lines.join('')).not.toContain(PASSWORD);
});

it('without a mail server nothing is kept for the operator', async () => {
  const mail = startMail(smtpUrl);
  await isOpen();
  await mail.stop();
  const without = startMail(undefined);
  await waitFor(async () => (await mailbox()) === null);
  await without.stop();
  await happen();
  expect(await waiting()).toBe(0);
});
