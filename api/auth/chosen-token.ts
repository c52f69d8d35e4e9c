import { z } from 'zod';

/** A secret of somebody else’s in a body: what travels in a header. */
export const secretSchema = z
  .string({ error: 'must be text' })
  .trim()
  .max(512, 'must have at most 512 characters')
  .regex(/^[\x21-\x7e]*$/, 'must not contain spaces, control characters or letters outside ASCII');

/** Stored as a plain hash, so nobody may be able to guess it: 32 characters, as many as a UUID without hyphens has. */
const LEAST_TOKEN_LENGTH = 32;
/** No word, no counting, no pattern typed over and over: a random token of this length has 12 characters that differ, or more. */
const isVaried = (token: string): boolean => token.length < LEAST_TOKEN_LENGTH || new Set(token).size >= 10;

/** A token that a customer chooses for an instance. */
export const chosenTokenSchema = secretSchema
  .min(LEAST_TOKEN_LENGTH, `must have at least ${LEAST_TOKEN_LENGTH} characters`)
  .refine(isVaried, 'must be random: leave it out to have one generated');
