import type { PrismaClient } from '../../../../shared/database/database.ts';

/** Past `updated_at`, as all that only the holder of the lease has to say. */
export async function writeAccountLocale(
  prisma: PrismaClient,
  { id, leaseEpoch }: { id: string; leaseEpoch: number },
  locale: string,
): Promise<void> {
  await prisma.$executeRaw`
    UPDATE bridge_integrations SET account_locale = ${locale} WHERE id = ${id} AND lease_epoch = ${leaseEpoch}`;
}
