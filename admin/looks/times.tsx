import { type Language, localeOf } from '../languages/languages.ts';
import type { Ui } from './ui.ts';

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
];

/** Making one takes as long as a hundred uses of it. */
const formats = new Map<Language, Intl.RelativeTimeFormat>();
function formatFor(language: Language): Intl.RelativeTimeFormat {
  const format = formats.get(language) ?? new Intl.RelativeTimeFormat(localeOf[language], { numeric: 'auto', style: 'short' });
  formats.set(language, format);
  return format;
}

/** How long ago something was; the moment itself, in the reader's zone, when pointed at. */
export function Ago({ ui, at }: { ui: Ui; at: Date }) {
  const ms = at.getTime() - Date.now();
  const [unit, size] = UNITS.find(([, each]) => Math.abs(ms) >= each) ?? ['second', 1_000];
  return <time datetime={at.toISOString()}>{formatFor(ui.language).format(Math.round(ms / size), unit)}</time>;
}

/** A moment: in the reader's zone where the page's script runs, in UTC without it. */
export function Clock({ at }: { at: Date | null }) {
  if (at === null) return <>–</>;
  return (
    <time datetime={at.toISOString()} data-clock>
      {`${at.toISOString().slice(0, 19).replace('T', ' ')}Z`}
    </time>
  );
}

/** A duration for people: milliseconds below one second, then seconds, then minutes and up. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1_000;
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} d`;
}
