/** A member of a group, as often as he has addresses. */
export interface Member {
  /** Digits, or `…@lid`. */
  readonly address: string;
  readonly name: string;
}

/** Of a number as people write it: in groups of digits, with or without `+`. */
const NUMBER = /(?<![\p{L}\p{N}])@\+?(\d[\d ().-]{6,22}\d)(?!\d)/gu;
const digitsOf = (text: string): string => text.replace(/\D/g, '');

/**
 * A text for a group with `@name` and `@number` as WhatsApp writes them, `@` and digits, and whom it mentions so. A name that two members have
 * stays a name.
 */
export function withMentions(text: string, members: readonly Member[]): { text: string; mentions: string[] } {
  const mentions = new Set<string>();
  const mention = (address: string): string => {
    mentions.add(address);
    return `@${address.replace(/@.*$/, '')}`;
  };
  const byNumber = text.replace(NUMBER, (whole, told: string) => {
    const digits = digitsOf(told);
    const isLid = members.some(({ address }) => address === `${digits}@lid`);
    if (digits.length < 8 || digits.length > 15) return isLid ? mention(`${digits}@lid`) : whole;
    return mention(isLid && !members.some(({ address }) => address === digits) ? `${digits}@lid` : digits);
  });
  const written = [...addressesByName(members)].reduce(
    (before, [name, address]) => before.replace(called(name), () => mention(address)),
    byNumber,
  );
  return { text: written, mentions: [...mentions] };
}

const called = (name: string): RegExp =>
  new RegExp(`(?<![\\p{L}\\p{N}])@${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\p{L}\\p{N}])`, 'giu');

/** Of each name that only one member has his address, the number rather than the @lid; longer names first, and first names where they are enough. */
function addressesByName(members: readonly Member[]): [name: string, address: string][] {
  const found = new Map<string, Set<string>>();
  const add = (name: string, address: string) => {
    const key = name.trim().toLowerCase();
    if (key !== '' && !/^\d+$/.test(key)) found.set(key, (found.get(key) ?? new Set()).add(address));
  };
  for (const { name, address } of members) add(name, address);
  const fullNames = [...found.keys()];
  for (const { name, address } of members) {
    const [first = ''] = name.trim().split(/\s+/);
    const isAmbiguous = fullNames.filter((other) => other.split(/\s+/)[0] === first.toLowerCase()).length > 1;
    if (!isAmbiguous) add(first, address);
  }
  return [...found]
    .flatMap(([name, addresses]): [string, string][] => {
      const numbers = [...addresses].filter((address) => !address.endsWith('@lid'));
      const lids = [...addresses].filter((address) => address.endsWith('@lid'));
      const address = numbers[0] ?? lids[0];
      return address === undefined || numbers.length > 1 || lids.length > 1 ? [] : [[name, address]];
    })
    .sort(([one], [other]) => other.length - one.length);
}
