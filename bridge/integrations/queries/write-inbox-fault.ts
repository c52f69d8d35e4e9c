import type { PrismaClient } from '../../../shared/database/database.ts';
import { INBOX_FAULTS } from '../inbox-fault.ts';

/**
 * Why the inbox cannot be used, or '' when it can; resolves with whether that is news. Only the holder of the lease may say so, other faults of
 * the integration are left alone (what stands there while it is active is only a notice), and `updated_at` as well: by that the holders of leases tell that the settings changed.
 */
export async function writeInboxFault(
  prisma: PrismaClient,
  { id, leaseEpoch }: { id: string; leaseEpoch: number },
  fault: string,
): Promise<boolean> {
  const replaceable = fault === '' ? INBOX_FAULTS : ['', ...INBOX_FAULTS.filter((other) => other !== fault)];
  const count = await prisma.$executeRaw`
    UPDATE bridge_integrations SET status = ${fault === '' ? 'active' : 'error'}::integration_status, last_error = ${fault}
     WHERE id = ${id} AND lease_epoch = ${leaseEpoch} AND state = 'active'
       AND (last_error = ANY(${replaceable}) OR (${fault !== ''}::boolean AND status = 'active'))`;
  return count > 0;
}
