const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** `24/11/2026`, as Portuguese and Spanish write it. In UTC. */
export const dateOf = (at: Date): string =>
  `${twoDigits(at.getUTCDate())}/${twoDigits(at.getUTCMonth() + 1)}/${at.getUTCFullYear()}`;

/** `14:32`. In UTC. */
export const timeOf = (at: Date): string => `${twoDigits(at.getUTCHours())}:${twoDigits(at.getUTCMinutes())}`;
