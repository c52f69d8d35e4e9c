import type { PrismaClient } from '../../../../shared/database/database.ts';
import { INTEGRATIONS_CHANNEL } from '../../../leases/queries/leases.ts';

/** A change like that of a setting, of which everybody is told who goes by the row. */
export async function writeAccountLocale(
  prisma: PrismaClient,
  { id, leaseEpoch }: { id: string; leaseEpoch: number },
  locale: string,
): Promise<void> {
  await prisma.$executeRaw`
    WITH written AS (
      UPDATE bridge_integrations SET account_locale = ${locale}, updated_at = now()
       WHERE id = ${id} AND lease_epoch = ${leaseEpoch} RETURNING id
    ) SELECT pg_notify(${INTEGRATIONS_CHANNEL}, id) FROM written`;
}
