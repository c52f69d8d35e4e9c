/**
 * Spellings of one number. Accounts of WhatsApp keep the number they were made with, however it is dialled today, and people write numbers
 * down in either way; digits are with the country code and without `+`.
 */
interface Plan {
  readonly country: string;
  /** The one spelling that stands for all, from another one; undefined for what is none of the others. Both without the country code. */
  fold(national: string): string | undefined;
  /** The other spellings of that one. */
  others(folded: string): readonly string[];
  /** The digits do not tell whether the number is dialled as folded: it is shown as it was told. */
  readonly isShownAsTold?: boolean;
}

const rewrite = (pattern: RegExp, replacement: string) => (digits: string) =>
  pattern.test(digits) ? digits.replace(pattern, replacement) : undefined;
const also = (pattern: RegExp, ...replacements: readonly string[]) => {
  return (folded: string) => replacements.flatMap((replacement) => rewrite(pattern, replacement)(folded) ?? []);
};

/** Côte d'Ivoire, since 2021: the operator, which the second digit of a mobile number told before, stands before it. */
const IVORIAN_OPERATORS = ['01', '01', '01', '01', '05', '05', '05', '07', '07', '07'];
const ivorianOperator = (old: string): string => IVORIAN_OPERATORS[Number(old[1])] ?? '';

const PLANS: readonly Plan[] = [
  // Brazil, since 2016: a 9 before the eight digits of a mobile number, which begin with 6 to 9.
  { country: '55', fold: rewrite(/^(\d{2})([6-9]\d{7})$/, '$19$2'), others: also(/^(\d{2})9([6-9]\d{7})$/, '$1$2') },
  // Mexico, until 2019: a 1 before mobile numbers.
  { country: '52', fold: rewrite(/^1(\d{10})$/, '$1'), others: also(/^(\d{10})$/, '1$1') },
  // Argentina: a 9 before mobile numbers dialled from abroad, or a 15 behind the area (of two to four digits) dialled within.
  {
    country: '54',
    fold: (national) =>
      rewrite(/^([123]\d{9})$/, '9$1')(national) ?? rewrite(/^(?=\d{12}$)(11|[23]\d{2,3})15(\d+)$/, '9$1$2')(national),
    others: (folded) => [
      ...also(/^9([123]\d{9})$/, '$1')(folded),
      ...also(/^9(11)(\d{8})$/, '$115$2')(folded),
      ...also(/^9([23]\d{2})(\d{7})$/, '$115$2')(folded),
      ...also(/^9([23]\d{3})(\d{6})$/, '$115$2')(folded),
    ],
    isShownAsTold: true,
  },
  // Benin, since 2024: 01 before all numbers.
  { country: '229', fold: rewrite(/^(\d{8})$/, '01$1'), others: also(/^01(\d{8})$/, '$1') },
  {
    country: '225',
    fold: (national) => (/^[014-9]\d{7}$/.test(national) ? `${ivorianOperator(national)}${national}` : undefined),
    others: (folded) => {
      const [, operator, old = ''] = /^(0[157])([014-9]\d{7})$/.exec(folded) ?? [];
      return operator !== undefined && operator === ivorianOperator(old) ? [old] : [];
    },
  },
];

const planOf = (digits: string): Plan | undefined => PLANS.find(({ country }) => digits.startsWith(country));
const nationalOf = (digits: string, { country }: Plan): string => digits.slice(country.length);

/** One spelling for one number. */
export function canonicalNumber(digits: string): string {
  const plan = planOf(digits);
  const folded = plan?.fold(nationalOf(digits, plan));
  return plan === undefined || folded === undefined ? digits : `${plan.country}${folded}`;
}

/** All spellings of a number, the canonical one first. */
export function spellingsOf(digits: string): readonly string[] {
  const canonical = canonicalNumber(digits);
  const plan = planOf(canonical);
  if (plan === undefined) return [canonical];
  return [canonical, ...plan.others(nationalOf(canonical, plan)).map((national) => `${plan.country}${national}`)];
}

/** The number as it is dialled today. */
export const dialledNumber = (digits: string): string => (planOf(digits)?.isShownAsTold ? digits : canonicalNumber(digits));
