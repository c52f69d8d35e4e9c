import type { PrismaClient } from '../../../../shared/database/database.ts';

// Past `updated_at`, which Prisma would set: by that the holders of leases tell that the settings changed.

/** Only the holder of the lease may say how an integration is. */
export async function writeStatus(
  prisma: PrismaClient,
  { id, leaseEpoch }: { id: string; leaseEpoch: number },
  { status, lastError }: { status: string; lastError: string },
): Promise<void> {
  await prisma.$executeRaw`
    UPDATE bridge_integrations SET status = ${status}::integration_status, last_error = ${lastError}
     WHERE id = ${id} AND lease_epoch = ${leaseEpoch}`;
}

export async function writePhoneState(prisma: PrismaClient, id: string, state: string): Promise<void> {
  await prisma.$executeRaw`UPDATE bridge_integrations SET phone_state = ${state} WHERE id = ${id}`;
}
