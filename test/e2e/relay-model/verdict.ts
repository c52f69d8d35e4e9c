import { type Books, flagsBetween, type Line, overlaps, type Said, type Taken, type Written } from './books.ts';
import { conversationFaults } from './conversations.ts';
import { deletionFaults, isNote, noteFaults } from './notes.ts';
import { conversationsOf } from './play.ts';
import { ACCOUNT, type Stage } from './stage.ts';
import { CHATS, type Chat } from './steps.ts';

/** What is not as it must be when a run has settled, in words; nothing is how it should be. */
export async function verdict(stage: Stage, books: Books): Promise<string[]> {
  const events = await takenEvents(stage, books);
  const faults = books.lines.flatMap((line) => [
    ...CHATS.flatMap((chat) => [
      ...messageFaults(stage, books, line, chat, events),
      ...noteFaults(stage, books, line, chat, events),
      ...conversationFaults(stage, books, line, chat),
      ...contactFaults(stage, books, line, chat),
    ]),
    ...replyFaults(stage, books, line),
  ]);
  const deletions = await Promise.all(books.lines.map((line) => deletionFaults(stage, books, line)));
  return [...faults, ...deletions.flat(), ...silenceFaults(stage, books), ...(await retention(stage, books))];
}

type Row = ReturnType<Stage['chatwoot']['state']['messages']>[number];

/** What was taken of the engines, in the order in which it was. */
async function takenEvents({ stack }: Stage, { lines }: Books): Promise<Taken[]> {
  const events = await stack.database.prisma.engineEvent.findMany({
    where: { instanceId: { in: lines.map(({ instanceId }) => instanceId) } },
    select: { instanceId: true, dedupeKey: true, ackedAt: true },
    orderBy: [{ instanceId: 'asc' }, { sequence: 'asc' }],
  });
  return events.map(({ instanceId, dedupeKey, ackedAt }) => ({
    instanceId,
    key: dedupeKey,
    doneAtMs: ackedAt?.getTime() ?? Number.POSITIVE_INFINITY,
  }));
}

/** Each message once and in order, unless groups are ignored; pictures with their file. */
function messageFaults(stage: Stage, books: Books, line: Line, chat: Chat, events: readonly Taken[]): string[] {
  const own = events.filter(({ instanceId }) => instanceId === line.instanceId);
  // What came without its file is another event than what comes with it.
  const takenAs = ({ id }: Written): number => own.findIndex(({ key }) => `${key}:`.startsWith(`message:${id}:`));
  const faults: string[] = [];
  const rows = conversationsOf(stage, line, chat)
    .flatMap(({ displayId }) => stage.chatwoot.state.messages(ACCOUNT, displayId))
    .sort((left, right) => left.id - right.id);
  const expected = books.written.filter((written) => written.line === line && written.chat === chat);
  const present: Written[] = [];
  for (const written of expected) {
    const found = rows.filter(({ sourceId }) => sourceId === `WAID:${written.id}`);
    const untilMs = found[0]?.createdAt ?? own[takenAs(written)]?.doneAtMs ?? Number.POSITIVE_INFINITY;
    const flags = flagsBetween(line, written.atMs, untilMs);
    // An engine that gives up has told nobody.
    const isGivenUp = takenAs(written) < 0 && line.engine.simulated.dropped() > 0;
    const mayBeIgnored = isGivenUp || (chat === 'group' && flags.some(({ ignoreGroups }) => ignoreGroups));
    const mustBeIgnored = chat === 'group' && flags.every(({ ignoreGroups }) => ignoreGroups);
    const where = `${written.text} (${written.kind}) in ${chat} of line ${line.number}`;
    if (found.length > 1 || (found.length === 0 && !mayBeIgnored)) faults.push(`${where} is ${found.length} times in Chatwoot`);
    if (found.length > 0 && mustBeIgnored) faults.push(`${where} is in Chatwoot although groups are ignored`);
    const [row] = found;
    if (row === undefined) continue;
    present.push(written);
    faults.push(...contentFaults(written, row).map((fault) => `${where} ${fault}`));
  }
  const order = rows.flatMap(({ sourceId }) => present.filter(({ id }) => sourceId === `WAID:${id}`)).map(({ text }) => text);
  const inOrder = line.engine.keepsOrder ? present : present.toSorted((one, other) => takenAs(one) - takenAs(other));
  const wanted = inOrder.map(({ text }) => text);
  if (order.join() !== wanted.join())
    faults.push(`${chat} of line ${line.number} is in the order ${order.join(', ')} instead of ${wanted.join(', ')}`);
  const known = new Set([...expected.map(({ id }) => `WAID:${id}`), ...books.said.map(({ messageId }) => messageId)]);
  for (const row of rows) {
    if (row.messageType === 'activity' || known.has(row.sourceId ?? row.id) || isNote(row)) continue;
    faults.push(`${chat} of line ${line.number} has a message that nobody wrote: ${row.content}`);
  }
  return faults;
}

function contentFaults({ text, kind }: Written, row: Row): string[] {
  const faults: string[] = [];
  // In a group the sender's name stands before it.
  if (row.content?.split('\n').at(-1) !== text) faults.push(`says ${row.content}`);
  const files = kind === 'picture' ? 1 : 0;
  if (row.attachments.length !== files) faults.push(`has ${row.attachments.length} files`);
  const type = kind === 'typed on the phone' ? 'outgoing' : 'incoming';
  if (row.messageType !== type || row.private) faults.push(`is ${row.messageType}${row.private ? ', and private' : ''}`);
  return faults;
}

/** One contact for a chat, with the name that an agent gave it last. */
function contactFaults({ chatwoot }: Stage, { names }: Books, line: Line, chat: Chat): string[] {
  const { state } = chatwoot;
  const addresses = state.contactInboxes().filter(({ inboxId }) => inboxId === line.inboxId);
  const ours = addresses.filter(({ sourceId }) => line.addresses[chat].includes(sourceId));
  const where = `${chat} of line ${line.number}`;
  const strange = addresses.filter(({ sourceId }) => !Object.values(line.addresses).flat().includes(sourceId));
  const faults = strange.map(({ sourceId }) => `line ${line.number} has an address that nobody has: ${sourceId}`);
  if (ours.length > 1) faults.push(`${where} has ${ours.length} contacts`);
  const contact = state.contacts(ACCOUNT).find(({ id }) => id === ours[0]?.contactId);
  const wanted = contact && names.get(contact.id);
  if (contact !== undefined && wanted !== undefined && contact.name !== wanted)
    faults.push(`the contact of ${where} was renamed from ${wanted} to ${contact.name}`);
  return faults;
}

/** Each reply once and in order within its conversation, with its ticks; or shown as failed, with a reason. Nothing else leaves. */
function replyFaults(stage: Stage, books: Books, line: Line): string[] {
  const faults: string[] = [];
  const left = line.engine.simulated.sent(line.nameThere).filter(({ type }) => type !== 'revoke');
  const sent = left.map(({ type, text }) => (type === 'text' ? text : type));
  const said = books.said.filter((one) => one.line === line);
  for (const { text, messageId, isPrivate, isDeleted, chat } of said) {
    const count = sent.filter((other) => other === text).length;
    const row = rowOf(stage, messageId);
    const strangers = left.filter((other) => other.text === text && !line.addresses[chat].includes(addressOf(other.to)));
    for (const { to } of strangers) faults.push(`${text} to ${chat} of line ${line.number} went to ${to}`);
    if (isPrivate && count > 0) faults.push(`the private ${text} of line ${line.number} left`);
    if (isPrivate) continue;
    const error = row?.contentAttributes.external_error;
    const isFailed = row?.status === 'failed';
    if (count > 1) faults.push(`${text} of line ${line.number} was sent ${count} times`);
    // What it shows now is that it was deleted.
    if (isDeleted) continue;
    if (count === 0 && !isFailed) faults.push(`${text} of line ${line.number} is lost, and shown as ${row?.status}`);
    if (isFailed && (typeof error !== 'string' || error === ''))
      faults.push(`${text} of line ${line.number} failed without a reason`);
    // That one member of a group has read it is not that all have.
    const tick = line.engine.tickOf(chat);
    if (count === 1 && !isFailed && row?.status !== tick && line.engine.simulated.dropped() === 0)
      faults.push(`${text} of line ${line.number} is ${tick} on WhatsApp, and shown as ${row?.status}`);
  }
  const arrived = said.filter(
    ({ messageId, isPrivate, isDeleted }) => !isPrivate && !isDeleted && rowOf(stage, messageId)?.status !== 'failed',
  );
  for (const conversation of new Set(arrived.map(({ conversationId }) => conversationId))) {
    const wanted = arrived.filter(({ conversationId }) => conversationId === conversation).map(({ text }) => text);
    const order = sent.filter((text) => wanted.includes(text));
    if (order.join() !== wanted.join()) faults.push(`replies of line ${line.number} left in the order ${order.join(', ')}`);
  }
  const strange = sent.filter((text) => !said.some((one) => one.text === text));
  return [...faults, ...strange.map((text) => `line ${line.number} sent what nobody wrote: ${text}`)];
}

/** As the addresses of a line are. */
const addressOf = (to: string): string => to.replace(/@(?:s\.whatsapp\.net|c\.us)$/, '');

/** A reply may only fail when something was away at that time, the group is ignored, or the engine did not answer. */
function silenceFaults(stage: Stage, books: Books): string[] {
  const inexplicable = books.said.filter((said) => {
    const row = rowOf(stage, said.messageId);
    return row?.status === 'failed' && !said.isDeleted && !isExplained(books, said, row);
  });
  if (inexplicable.length <= books.engineSilences) return [];
  return inexplicable.map(({ messageId, text }) => {
    const error = rowOf(stage, messageId)?.contentAttributes.external_error;
    return `${text} failed (${String(error)}); the engine was silent ${books.engineSilences} times`;
  });
}

function isExplained({ outages }: Books, { line, chat, atMs }: Said, row: Row): boolean {
  if (outages.some((outage) => overlaps(outage, atMs, row.updatedAt))) return true;
  return chat === 'group' && flagsBetween(line, atMs, row.updatedAt).some(({ ignoreGroups }) => ignoreGroups);
}

const rowOf = ({ chatwoot }: Stage, messageId: number): Row | undefined =>
  chatwoot.state.messages(ACCOUNT).find(({ id }) => id === messageId);

/** Nothing is set aside, and every integration is well again. */
async function retention({ stack }: Stage, { lines }: Books): Promise<string[]> {
  const { prisma } = stack.database;
  const instances = { instanceId: { in: lines.map(({ instanceId }) => instanceId) } };
  const letters = await prisma.bridgeDeadLetter.findMany({ where: { direction: 'to_chatwoot', integration: instances } });
  const integrations = await prisma.bridgeIntegration.findMany({ where: { ...instances, state: 'active' } });
  return [
    ...letters.map(({ reason }) => `a message was set aside: ${reason}`),
    ...integrations
      .filter(({ status }) => status !== 'active')
      .map(({ lastError }) => `an integration is not well: ${lastError}`),
  ];
}
