/**
 * Asks of each thing once at a time: what is there twice is asked again afterwards, as if the two had come one after the other. `ask` answers in
 * the order of what it is asked, and so does this.
 */
export async function oneByOne<Question, Answer>(
  questions: readonly Question[],
  keyOf: (question: Question) => string,
  ask: (questions: readonly Question[]) => Promise<readonly Answer[]>,
): Promise<Answer[]> {
  const seen = new Set<string>();
  const [first, again]: [Question[], Question[]] = [[], []];
  const isFirst = questions.map((question) => {
    const key = keyOf(question);
    const isNew = !seen.has(key);
    seen.add(key);
    (isNew ? first : again).push(question);
    return isNew;
  });
  const answers = [...(await ask(first))];
  const later = again.length === 0 ? [] : await oneByOne(again, keyOf, ask);
  return isFirst.map((isNew) => (isNew ? answers : later).shift() as Answer);
}
