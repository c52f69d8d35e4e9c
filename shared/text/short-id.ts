import { hashOf } from '../content-hash.ts';
import { cutTo, lengthOf } from './cut.ts';

const SHORTENED = /~h[\da-f]{32}$/;
const HASH_LENGTH = 34;

/**
 * An id as it is, or, where it has more code points than it may, its beginning and a hash of the whole: two ids that only begin alike stay
 * two. Always the same for the same id, so that what was stored under it is found again.
 */
export const shortId = (id: string, maxCodePoints: number): string =>
  lengthOf(id) <= maxCodePoints ? id : `${cutTo(id, maxCodePoints - HASH_LENGTH)}~${hashOf(id)}`;

/** Whether that id was shortened: then whoever gave the original does not know it. */
export const isShortened = (id: string): boolean => SHORTENED.test(id);
