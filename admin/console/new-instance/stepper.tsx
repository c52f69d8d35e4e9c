import type { Ui } from '../../looks/ui.ts';

/** Where somebody is who sets up a new instance. */
export const Stepper = ({ ui: { t }, step }: { ui: Ui; step: 1 | 2 | 3 }) => (
  <ol class="stepper" aria-label={t.newInstance.step(step)}>
    {t.newInstance.steps.map((name, index) => (
      <li class={index + 1 < step ? 'done' : undefined} aria-current={index + 1 === step ? 'step' : undefined}>
        {name}
      </li>
    ))}
  </ol>
);
