import { cutTo, lengthOf } from './cut.ts';

/** A file name of at most so many code points that keeps its extension, by which the file is opened. */
export function cutFileName(name: string, maxCodePoints: number): string {
  const extension = /\.[^.\s]{1,20}$/u.exec(name)?.[0] ?? '';
  return (
    cutTo(name.slice(0, name.length - extension.length), maxCodePoints - lengthOf(extension)) + cutTo(extension, maxCodePoints)
  );
}
