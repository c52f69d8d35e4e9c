export interface EncryptionKey {
  readonly id: string;
  readonly secret: Buffer;
}

/** Parses `ENCRYPTION_KEYS` (`id:base64,…`); answers the keys in their order, or what is wrong, without repeating any of it. */
export function parseKeys(text: string): { keys: readonly [EncryptionKey, ...EncryptionKey[]] } | { fault: string } {
  const keys: EncryptionKey[] = [];
  for (const [index, part] of text.split(',').entries()) {
    const match = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/_-]+={0,2})$/.exec(part.trim());
    const [, id, encoded] = match ?? [];
    if (id === undefined || encoded === undefined) return { fault: `key ${index + 1} is not of the form id:base64` };
    const secret = Buffer.from(encoded, 'base64');
    if (secret.length !== 32) return { fault: `key "${id}" has ${secret.length} bytes, it must have 32` };
    if (keys.some((key) => key.id === id)) return { fault: `key id "${id}" appears twice` };
    keys.push({ id, secret });
  }
  const [first, ...rest] = keys;
  return first === undefined ? { fault: 'holds no key' } : { keys: [first, ...rest] };
}
