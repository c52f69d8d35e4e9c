import type { Ui } from './ui.ts';

/** What ends a form that searches: one looks, the other leads back to all of `path`. */
export function SearchButtons({ ui: { t }, path }: { ui: Ui; path: string }) {
  return (
    <>
      <button class="primary" type="submit">
        {t.operators.search}
      </button>
      <a class="button" href={path}>
        {t.operators.clear}
      </a>
    </>
  );
}
