import type { Ad, Party } from '../../event.ts';
import { type Fields, fieldsOf, isFields, labelOf, textOf } from '../../fields.ts';
import { readParty } from './address.ts';

/** What stands around a message. Engines put it beside the message, or in a context of it. */
const contextsOf = (fields: Fields): Fields[] => [
  fields,
  ...[fields.context, fields.contextInfo, fields.context_info].map(fieldsOf),
];

const MOST_MENTIONS = 200;
const MENTION_NAMES = [
  'mentionedJid',
  'mentionedJids',
  'mentioned_jid',
  'mentioned_jids',
  'mentions',
  'mentioned',
  'mention',
] as const;

/** Whom a message mentions; undefined where that is not told. */
export function readMentions(fields: Fields): Party[] | undefined {
  const listed = contextsOf(fields).flatMap((context) => MENTION_NAMES.map((name) => context[name]));
  const mentions = listed.find((list) => Array.isArray(list) && list.length > 0);
  if (!Array.isArray(mentions)) return undefined;
  return mentions
    .slice(0, MOST_MENTIONS)
    .map((mention) => readParty(mention))
    .filter(({ number, lid }) => number !== undefined || lid !== undefined);
}

const AD_NAMES = ['externalAdReply', 'external_ad_reply', 'externalAd', 'adReply', 'referral', 'ad'] as const;

/**
 * The ad that brought a customer. A preview of a link comes under the same name; only an ad says where it stands, or has an id or a click.
 */
export function readAd(fields: Fields): Ad | undefined {
  for (const context of contextsOf(fields)) {
    for (const name of AD_NAMES) {
      const told = context[name];
      if (!isFields(told)) continue;
      const url = textOf(told, 'sourceUrl', 'source_url', 'sourceURL', 'url').trim();
      const ad = {
        title: labelOf(told, 'title', 'headline'),
        body: textOf(told, 'body', 'description'),
        url: /^https?:\/\//i.test(url) ? url : '',
        sourceId: labelOf(told, 'sourceId', 'source_id', 'sourceID'),
        sourceType: labelOf(told, 'sourceType', 'source_type'),
        clickId: labelOf(told, 'ctwaClid', 'ctwa_clid', 'clickId'),
      };
      if (ad.url !== '' || ad.sourceId !== '' || ad.clickId !== '') return ad;
    }
  }
  return undefined;
}
