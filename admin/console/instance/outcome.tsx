import type { PreviousInbox } from '../../../shared/activations/previous-inbox.ts';
import type { TokenOwner } from '../../../shared/contracts/bridge.ts';
import type { Ui } from '../../looks/ui.ts';
import { type Faults, FieldFault } from '../fields.tsx';
import type { Sentence } from '../sentences.ts';
import type { CheckResult } from '../use-cases.ts';
import { ACTIVATION_FIELDS } from './activation-form.tsx';

/** Where outcomes appear: each kind in a place of its own, so that a late check does not hide how an activation is getting on. */
export type Place = 'checked' | 'outcome';

export const NoOutcome = ({ place, isSwap = false }: { place: Place; isSwap?: boolean }) => (
  <div id={place} aria-live="polite" hx-swap-oob={isSwap ? 'true' : undefined} />
);

/** The faults of all fields of the form, each in its place; those that are right lose theirs. */
export const FieldFaults = ({ faults }: { faults: Faults }) => (
  <>
    {ACTIVATION_FIELDS.map((name) => (
      <FieldFault name={name} fault={faults[name] ?? ''} isSwap />
    ))}
  </>
);

export function Failed({
  ui,
  place,
  title,
  sentence,
  owner,
}: {
  ui: Ui;
  place: Place;
  title: string;
  sentence: Sentence;
  owner?: TokenOwner | undefined;
}) {
  return (
    <div id={place} aria-live="polite">
      <div class="note bad">
        <p>
          <strong class="bad">{title}</strong>
        </p>
        {sentence.text !== '' && <p>{sentence.text}</p>}
        {owner && <Owner ui={ui} owner={owner} />}
        {sentence.detail !== '' && (
          <details>
            <summary>{ui.t.activation.details}</summary>
            <code>{sentence.detail}</code>
          </details>
        )}
      </div>
    </div>
  );
}

export function Checked({ ui, found }: { ui: Ui; found: Extract<CheckResult, { ok: true }>['found'] }) {
  const { t } = ui;
  return (
    <div id="checked" aria-live="polite">
      <div class="note good">
        <p>
          <strong class="good">{t.activation.checkOk}</strong> {found.effect && t.activation.effect[found.effect]}
        </p>
        {found.previous_inbox && <Previous inbox={found.previous_inbox} />}
        {found.token_owner && <Owner ui={ui} owner={found.token_owner} />}
      </div>
    </div>
  );
}

/** While an activation is under way: looks again every second. */
export function Progress({ ui, path, isRunning, sinceMs }: { ui: Ui; path: string; isRunning: boolean; sinceMs: number }) {
  const { t } = ui;
  return (
    <div id="outcome" aria-live="polite" hx-get={path} hx-trigger="every 1s" hx-swap="outerHTML">
      <div class="note busy">
        <p>
          <strong class="busy">{isRunning ? t.activation.working : t.activation.waiting}</strong>{' '}
          <span class="muted">{t.activation.seconds(Math.round(sinceMs / 1_000))}</span>
        </p>
      </div>
    </div>
  );
}

function Owner({ ui: { t }, owner }: { ui: Ui; owner: TokenOwner }) {
  const roleOf = (role: string): string => (role === 'administrator' || role === 'agent' ? t.activation.roles[role] : role);
  return (
    <>
      <p>{t.activation.owner(owner.name)}</p>
      <ul>
        {owner.accounts.map(({ id, name, role }) => (
          <li>{t.activation.ownerAccount(id, name, roleOf(role))}</li>
        ))}
      </ul>
    </>
  );
}

const Previous = ({ inbox }: { inbox: PreviousInbox }) => <p>{inbox.message}</p>;
