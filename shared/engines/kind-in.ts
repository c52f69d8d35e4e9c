/** A condition on a column: that it holds one of these kinds of engine. They are names of the registry, and nobody's input. */
export const kindIn = (column: string, kinds: readonly string[]): string => `${column} = ANY ('{${kinds.join(',')}}'::text[])`;
