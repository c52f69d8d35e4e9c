// The clients of a crowd, in a process of their own, to which everybody else goes first: they are elsewhere in life, and what they cost is neither
// to be taken for what Ponte costs nor to slow whoever measures.
import { constants, setPriority } from 'node:os';
import { z } from 'zod';

setPriority(constants.priority.PRIORITY_LOW);

const orderSchema = z.object({
  url: z.string(),
  members: z.array(z.object({ token: z.string(), instance: z.string() })),
  body: z.record(z.string(), z.unknown()),
});
export type CrowdOrder = z.infer<typeof orderSchema>;
/** One answer: its status, or 0 for none within the limit of a client. */
export const crowdAnswerSchema = z.object({ status: z.number() });

const TIMEOUT_MS = 75_000;

process.on('message', async (message) => {
  const { url, members, body } = orderSchema.parse(message);
  await Promise.all(
    members.map(async ({ token, instance }) => {
      const status = await fetch(`${url}/api/chatwoot/set/${instance}`, {
        method: 'POST',
        headers: { token, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
        .then(async (response) => {
          await response.arrayBuffer();
          return response.status;
        })
        .catch(() => 0);
      process.send?.({ status } satisfies z.infer<typeof crowdAnswerSchema>);
    }),
  );
});
process.on('disconnect', () => process.exit());
