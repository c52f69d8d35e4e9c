import { createId } from '../shared/auth/tokens.ts';
import type { Stack } from '../test/support/stack-processes.ts';

/** Instances that are there at once: hundreds that were made through the api would be a load of their own. */
export async function addInstances(
  { database }: Pick<Stack, 'database'>,
  instances: readonly { readonly accountId: string; readonly name: string }[],
): Promise<void> {
  const data = instances.map((instance) => {
    const id = createId('ins');
    return { ...instance, id, tokenHash: id };
  });
  await database.prisma.instance.createMany({ data });
}
