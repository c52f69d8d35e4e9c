import type { MessageBody } from './event.ts';

/**
 * How much of a message an event brings. Engines tell of one they cannot decrypt yet, or whose file they do not have yet, and of the same id
 * once more when they can: what is fuller takes the place of what was less.
 */
export const fullnesses = ['placeholder', 'bare', 'linked', 'whole'] as const;
export type Fullness = (typeof fullnesses)[number];

export function fullnessOf(body: MessageBody): Fullness {
  switch (body.type) {
    case 'placeholder':
      return 'placeholder';
    case 'unsupported':
      // Of a kind that is not known, and without a word in it.
      return body.text === '' ? 'placeholder' : 'whole';
    case 'media':
      return body.media.base64 !== undefined ? 'whole' : body.media.urls.length > 0 ? 'linked' : 'bare';
    default:
      return 'whole';
  }
}

export const isFuller = (one: Fullness, other: Fullness): boolean => fullnesses.indexOf(one) > fullnesses.indexOf(other);
