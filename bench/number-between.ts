/** Reads an option of a benchmark: no more and no less than it may be; what is no number is the least. */
export const numberBetween =
  (least: number, most: number) =>
  (text: string): number =>
    Math.min(most, Math.max(least, Number(text) || least));
