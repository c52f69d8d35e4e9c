import type { Ad, Party } from '../event.ts';
import { type Fields, fieldsOf, idOf, isTrue, labelOf, textOf } from '../fields.ts';
import { partyOf } from '../jid.ts';

/** What is told beside a message: what it answers, whom it names, and where it comes from. */
export interface Context {
  readonly replyTo: string | undefined;
  readonly quotedText?: string | undefined;
  readonly forwarded: boolean;
  readonly mentions: readonly Party[] | undefined;
  readonly ad: Ad | undefined;
}

const MENTIONS_READ = 50;

/** `contextInfo`, as `lowered` leaves it. */
export function readContext(context: Fields): Context {
  const jids = Array.isArray(context.mentionedjid) ? context.mentionedjid.slice(0, MENTIONS_READ) : [];
  const mentions = jids
    .map((jid: unknown) => partyOf([labelOf({ jid }, 'jid')]))
    .filter(({ number, lid }) => number !== undefined || lid !== undefined);
  return {
    replyTo: idOf(context, 'stanzaid') || undefined,
    forwarded: isTrue(context, 'isforwarded'),
    mentions: mentions.length === 0 ? undefined : mentions,
    ad: readAd(fieldsOf(context.externaladreply), context),
  };
}

/** The same field shows previews of links: it is an ad only where Meta names one. */
function readAd(reply: Fields, context: Fields): Ad | undefined {
  const sourceId = labelOf(reply, 'sourceid');
  const clickId = labelOf(reply, 'ctwaclid');
  const sourceType = labelOf(reply, 'sourcetype').toLowerCase();
  const isAd = /(^|_)ads?$|ctwa/i.test(labelOf(context, 'entrypointconversionsource', 'conversionsource'));
  if (sourceId === '' && clickId === '' && sourceType !== 'ad' && !(isAd && Object.keys(reply).length > 0)) return undefined;
  return {
    title: labelOf(reply, 'title'),
    body: textOf(reply, 'body'),
    url: labelOf(reply, 'sourceurl', 'mediaurl'),
    sourceId,
    sourceType,
    clickId,
  };
}
