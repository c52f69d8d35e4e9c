import type { Prisma } from './generated/client.ts';

/** Tells whoever listens on `channel`; inside a transaction only once that is committed. */
export async function notify(
  prisma: Pick<Prisma.TransactionClient, '$executeRaw'>,
  channel: string,
  payload: string,
): Promise<void> {
  await prisma.$executeRaw`SELECT pg_notify(${channel}, ${payload})`;
}
