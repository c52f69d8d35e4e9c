import type { Ui } from './ui.ts';

/** A text that is copied with one click. */
export const Copy = ({ ui, id, text }: { ui: Ui; id: string; text: string }) => (
  <div class="copy">
    <code id={id}>{text}</code>
    <button type="button" class="quiet" data-copy={id} data-done={ui.t.instance.copied}>
      {ui.t.instance.copy}
    </button>
  </div>
);
