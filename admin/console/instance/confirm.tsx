import type { ComponentChildren } from 'preact';
import type { Ui } from '../../looks/ui.ts';
import { FormToken, type Viewer } from '../page.tsx';

interface ConfirmProps {
  readonly ui: Ui;
  readonly viewer: Viewer;
  /** Where the form goes, and where its `cancel` leads. */
  readonly target: string;
  readonly path: string;
  readonly name: string;
  readonly button: string;
  readonly isWrong: boolean;
  /** What is lost. */
  readonly children: ComponentChildren;
}

/** Before something is deleted: what goes with it, and its name to be typed. */
export function ConfirmDeletion({ ui, viewer, target, path, name, button, isWrong, children }: ConfirmProps) {
  const { t } = ui;
  return (
    <div class="card narrow">
      <div class="note bad">{children}</div>
      <form method="post" action={target}>
        <FormToken viewer={viewer} path={target} />
        <div class="field">
          <label for="typed">{t.instance.typeName(name)}</label>
          <input
            id="typed"
            name="typed"
            required
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            aria-describedby="typed-fault"
            aria-invalid={isWrong ? 'true' : undefined}
          />
          <p class="fault" id="typed-fault" data-for="typed">
            {isWrong && t.instance.wrongName}
          </p>
        </div>
        <div class="actions">
          <button class="danger" type="submit">
            {button}
          </button>
          <a class="button" href={path}>
            {t.instance.cancel}
          </a>
        </div>
      </form>
    </div>
  );
}
