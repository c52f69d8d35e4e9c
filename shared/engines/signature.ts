import { createHmac, timingSafeEqual } from 'node:crypto';

const HEX_LENGTHS = { sha256: 64, sha512: 128 } as const;

/** Whether `told` is, in hex, the HMAC of these bytes under that secret. None is without a secret. */
export function isSignature(
  algorithm: keyof typeof HEX_LENGTHS,
  { told, signed, secret }: { readonly told: string | undefined; readonly signed: Buffer | string; readonly secret: string },
): boolean {
  if (told?.length !== HEX_LENGTHS[algorithm] || !/^[\da-f]+$/i.test(told) || secret === '') return false;
  return timingSafeEqual(Buffer.from(told, 'hex'), createHmac(algorithm, secret).update(signed).digest());
}

/** `X-Hub-Signature-256`, as Meta signs, and whoever does as Meta does. */
export const hubSignature = (header: string | undefined): string | undefined => /^sha256=(.*)$/is.exec(header ?? '')?.[1];
