import { createHmac } from 'node:crypto';
import type { Deliveries } from '../deliveries.ts';
import type { Told } from './events.ts';
import { ACCOUNT_ID, type World } from './world.ts';

export interface BatchHabits {
  /** What happens within these goes in one delivery. */
  readonly collectMs: number;
  /** Every so-manieth delivery comes twice; 0: none does. */
  readonly doubleEvery: number;
  /** Whether what happened later may stand before what happened earlier. */
  readonly disorder: boolean;
}

/** Puts what is to be told into batches, signs them and hands them over: for each address one, with the events of several numbers. */
export function createBatches(deps: { world: World; deliveries: Deliveries; appSecret: string; habits: BatchHabits }) {
  const { world, deliveries, appSecret, habits } = deps;
  let collected: Told[] = [];
  let timer: NodeJS.Timeout | undefined;
  let count = 0;

  function addressOf({ number }: Told): string | undefined {
    return world.isSubscribed ? (number.override ?? world.accountAddress) : undefined;
  }
  function flush(): void {
    timer = undefined;
    const told = habits.disorder ? collected.reverse() : collected;
    collected = [];
    for (const address of new Set(told.map(addressOf))) {
      // Nobody is subscribed: it is told to no one, and never again.
      if (address === undefined) continue;
      deliver(address, bodyOf(told.filter((item) => addressOf(item) === address)));
    }
  }
  function deliver(url: string, body: string): void {
    const signature = createHmac('sha256', appSecret).update(body).digest('hex');
    const headers = { 'x-hub-signature-256': `sha256=${signature}`, 'user-agent': 'facebookexternalua' };
    count += 1;
    const times = habits.doubleEvery > 0 && count % habits.doubleEvery === 0 ? 2 : 1;
    for (let time = 0; time < times; time += 1) deliveries.send({ url, body, headers });
  }
  return {
    tell(told: Told): void {
      collected.push(told);
      timer ??= setTimeout(flush, habits.collectMs);
    },
    collected: () => collected.length,
    flush(): void {
      if (timer === undefined) return;
      clearTimeout(timer);
      flush();
    },
  };
}

/** What stands together and is of one number and one kind becomes one change with lists in it. */
function bodyOf(told: readonly Told[]): string {
  const changes: { field: string; value: Record<string, unknown> & { [list: string]: unknown } }[] = [];
  let last: Told | undefined;
  for (const item of told) {
    const change =
      last?.number === item.number && last.field === item.field && last.list === item.list ? changes.at(-1) : undefined;
    if (change === undefined) changes.push(newChange(item));
    else append(change.value, item);
    last = item;
  }
  return JSON.stringify({ object: 'whatsapp_business_account', entry: [{ id: ACCOUNT_ID, changes }] });
}

function newChange(item: Told) {
  const value: Record<string, unknown> = {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: item.number.number, phone_number_id: item.number.name },
  };
  append(value, item);
  return { field: item.field, value };
}

function append(value: Record<string, unknown>, { list, item, contact }: Told): void {
  const before = value[list];
  value[list] = [...(Array.isArray(before) ? before : []), item];
  if (contact === undefined) return;
  const contacts = Array.isArray(value.contacts) ? value.contacts : [];
  // In no order that matches that of the messages.
  value.contacts = [contact, ...contacts.filter((known) => JSON.stringify(known) !== JSON.stringify(contact))];
}
