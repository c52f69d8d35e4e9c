import type { Features } from './features.ts';
import { asParams, isObject, type Params, text } from './params.ts';
import { crash, unprocessable } from './replies.ts';
import type { ContactRow } from './rows.ts';

const PAGE = 15;

/** A pattern of SQL's LIKE, in which `%` and `_` of the query act as wildcards. */
function likePattern(query: string, caseSensitive: boolean): RegExp {
  const escaped = query
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.');
  return new RegExp(escaped, caseSensitive ? 's' : 'si');
}

const hasAddress = (contact: ContactRow): boolean => Boolean(contact.email || contact.phoneNumber || contact.identifier);

/** Contacts whose name, e-mail, number or identifier contains the query; the identifier is compared case-sensitively. */
export function searchContacts(contacts: readonly ContactRow[], query: string, allContacts: boolean): ContactRow[] {
  if (query.trim() === '') return [];
  const loose = likePattern(query.trim(), false);
  const strict = likePattern(query.trim(), true);
  const candidates = allContacts ? contacts : contacts.filter(hasAddress);
  return candidates.filter(
    (contact) =>
      loose.test(contact.name) ||
      loose.test(contact.email ?? '') ||
      loose.test(contact.phoneNumber ?? '') ||
      strict.test(contact.identifier ?? ''),
  );
}

/** `current_page` is text when the caller sent a page, and the number 1 otherwise. */
export const pageNumber = (page: unknown): string | number => (typeof page === 'string' ? page : 1);

/** One page of a contact list. */
export function contactPage(contacts: readonly ContactRow[], page: unknown) {
  const number = Math.max(1, Number.parseInt(typeof page === 'string' ? page : '1', 10) || 1);
  const rows = contacts.slice((number - 1) * PAGE, number * PAGE);
  return {
    rows,
    currentPage: pageNumber(page),
    hasMore: contacts.length > number * PAGE,
    total: contacts.length,
  };
}

const columns: Record<string, (contact: ContactRow) => string> = {
  name: (contact) => contact.name.toLowerCase(),
  email: (contact) => (contact.email ?? '').toLowerCase(),
  phone_number: (contact) => contact.phoneNumber ?? '',
  identifier: (contact) => (contact.identifier ?? '').toLowerCase(),
  blocked: (contact) => String(contact.blocked),
};

/** Every key there is; those that no bridge looks for are not implemented. */
const attributeKeys =
  'name,phone_number,email,identifier,country_code,city,company_name,labels,created_at,last_activity_at,blocked';

/** Chatwoot adds the plus of a number itself: before 4.7.0 to one that is there as well. */
const plus = (value: string, features: Features): string =>
  `+${features.phoneFilterTakesPlus && value.startsWith('+') ? value.slice(1) : value}`;

type Test = (contact: ContactRow) => boolean;

function conditionOf(raw: unknown, features: Features): Test {
  const condition = asParams(raw);
  const key = text(condition, 'attribute_key') ?? '';
  const operator = text(condition, 'filter_operator') ?? '';
  const column = columns[key];
  if (!column)
    throw unprocessable(
      `Invalid attribute key - [${key}]. The key should be one of [${attributeKeys}] or a custom attribute defined in the account.`,
    );
  const given = Array.isArray(condition.values) ? condition.values : [];
  const values = given
    .map((value) => String(value).toLowerCase())
    .map((value) => (key === 'phone_number' ? plus(value, features) : value));
  const tests: Record<string, Test> = {
    equal_to: (contact) => values.includes(column(contact)),
    not_equal_to: (contact) => !values.includes(column(contact)),
    contains: (contact) => values.some((value) => column(contact).includes(value)),
    does_not_contain: (contact) => values.every((value) => !column(contact).includes(value)),
    starts_with: (contact) => values.some((value) => column(contact).startsWith(value)),
  };
  const test = tests[operator];
  if (!test) throw unprocessable(`Invalid operator. The allowed operators for ${key} are [${Object.keys(tests).join(',')}].`);
  if (values.length === 0) throw unprocessable(`Invalid value. The values provided for ${key} are invalid`);
  return test;
}

/**
 * `POST contacts/filter`: conditions joined by the `query_operator` of the one before. Only contacts that can be addressed are looked at.
 * Throws the 422 of a condition Chatwoot does not understand.
 */
export function filterContacts(contacts: readonly ContactRow[], params: Params, features: Features): ContactRow[] {
  const conditions = Array.isArray(params.payload) ? params.payload : [];
  // AND binds tighter than OR, as in the SQL that Chatwoot builds from it.
  const alternatives: Test[][] = [[]];
  conditions.forEach((raw, index) => {
    alternatives.at(-1)?.push(conditionOf(raw, features));
    const operator = isObject(raw) ? raw.query_operator : null;
    if (index === conditions.length - 1) return;
    if (typeof operator !== 'string' || !['or', 'and'].includes(operator.toLowerCase())) {
      throw crash();
    }
    if (operator.toLowerCase() === 'or') alternatives.push([]);
  });
  return contacts.filter(hasAddress).filter((contact) => alternatives.some((tests) => tests.every((test) => test(contact))));
}
