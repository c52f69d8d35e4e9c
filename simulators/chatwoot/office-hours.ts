import type { InboxRow } from './rows.ts';

const OPENS = 9;
const CLOSES = 17;
const closedDays = new Set(['Sat', 'Sun']);

/** Whether nobody is in: outside the hours that Chatwoot starts every inbox with, Monday to Friday from 9 to 17. */
export function isOutOfOffice(inbox: InboxRow, now: number): boolean {
  if (!inbox.workingHoursEnabled) return false;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: inbox.timezone,
    weekday: 'short',
    hour: 'numeric',
    hourCycle: 'h23',
  });
  const parts = new Map(format.formatToParts(now).map((part) => [part.type, part.value]));
  const hour = Number(parts.get('hour'));
  return closedDays.has(parts.get('weekday') ?? '') || hour < OPENS || hour >= CLOSES;
}
