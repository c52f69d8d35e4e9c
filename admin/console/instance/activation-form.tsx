import type { ComponentChildren } from 'preact';
import { flagNames } from '../../../shared/activations/flags.ts';
import { languageNames } from '../../languages/languages.ts';
import type { Ui } from '../../looks/ui.ts';
import { type Faults, Field, FieldFault, Option } from '../fields.tsx';
import type { InstanceView } from '../instances/read.ts';
import { FormToken, type Viewer } from '../page.tsx';

/** What the form shows when it is opened: what is activated, or what was entered before. Never a token. */
export type FormValues = Readonly<Record<string, string | boolean | undefined>>;

export const ACTIVATION_FIELDS = [
  'chatwootBaseUrl',
  'chatwootAccountId',
  'chatwootApiToken',
  'inboxName',
  'chatwootInboxId',
  'language',
  'importHistoryDays',
] as const;

export const valuesOf = ({ integration }: InstanceView): FormValues =>
  integration === undefined
    ? {}
    : {
        chatwootBaseUrl: integration.chatwootBaseUrl,
        chatwootAccountId: String(integration.chatwootAccountId),
        inboxName: integration.chatwootInboxName,
        language: integration.language ?? '',
        importHistoryDays: integration.importHistoryDays === 0 ? '' : String(integration.importHistoryDays),
        ...Object.fromEntries(flagNames.map((name) => [name, integration[name]])),
      };

/** A form as browsers send it, as the body that `set` takes. */
export function bodyOf(form: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const text = (name: string): string => (typeof form[name] === 'string' ? form[name].trim() : '');
  const number = (name: string): number | undefined => (text(name) === '' ? undefined : Number(text(name)));
  return {
    chatwootBaseUrl: text('chatwootBaseUrl') || undefined,
    chatwootAccountId: number('chatwootAccountId'),
    chatwootApiToken: text('chatwootApiToken') || undefined,
    inboxName: text('inboxName') || undefined,
    chatwootInboxId: number('chatwootInboxId'),
    language: text('language') || undefined,
    importHistoryDays: number('importHistoryDays'),
    ...Object.fromEntries([...flagNames, 'deleteOldInbox'].map((name) => [name, form[name] === 'true'])),
  };
}

/** What was entered, to be shown again. */
export const enteredOf = (form: Readonly<Record<string, unknown>>): FormValues => ({
  ...Object.fromEntries(
    ACTIVATION_FIELDS.filter((name) => name !== 'chatwootApiToken').map((name) => [name, String(form[name] ?? '')]),
  ),
  ...Object.fromEntries([...flagNames, 'deleteOldInbox'].map((name) => [name, form[name] === 'true'])),
});

interface FormProps {
  readonly ui: Ui;
  readonly viewer: Viewer;
  readonly path: string;
  readonly view: InstanceView;
  readonly values: FormValues;
  readonly faults: Faults;
  /** Of a check, and of an activation, that was just asked for. */
  readonly checked: ComponentChildren;
  readonly outcome: ComponentChildren;
}

/** The form of `set`: what it checks by itself once all is filled in, and what it activates. */
export function ActivationForm({ ui, viewer, path, view, values, faults, checked, outcome }: FormProps) {
  const { t } = ui;
  const text = (name: string): string => (typeof values[name] === 'string' ? values[name] : '');
  const field = (name: (typeof ACTIVATION_FIELDS)[number]) => ({
    name,
    texts: t.fields[name],
    value: text(name),
    fault: faults[name],
  });
  return (
    <>
      <form
        id="activation"
        method="post"
        action={`${path}/activate`}
        hx-post={`${path}/activate`}
        hx-target="#outcome"
        hx-swap="outerHTML"
        hx-disable="find button"
      >
        <FormToken viewer={viewer} path={`${path}/activate`} />
        <div class="pair">
          <Field {...field('chatwootBaseUrl')} type="url" placeholder="https://chatwoot.example.com" isRequired />
          <Field {...field('chatwootAccountId')} type="number" isRequired />
        </div>
        <Field {...field('chatwootApiToken')} type="password" autocomplete="new-password" isRequired />
        <Field {...field('inboxName')} placeholder="WhatsApp - Orion" />
        <details open={text('chatwootInboxId') !== '' || faults.chatwootInboxId !== undefined}>
          <summary>{t.instance.adopt}</summary>
          <Field {...field('chatwootInboxId')} type="number" />
        </details>
        <div class="field">
          <label for="language">{t.fields.language[0]}</label>
          <span class="hint" id="language-hint">
            {t.fields.language[1]}
          </span>
          <select id="language" name="language" aria-describedby="language-hint language-fault">
            <option value="">{t.instance.languageOfAccount}</option>
            {languageNames.map(([code, name]) => (
              <option value={code} selected={code === text('language')}>
                {name}
              </option>
            ))}
          </select>
          <FieldFault name="language" fault={faults.language ?? ''} />
        </div>
        <Field {...field('importHistoryDays')} type="number" />
        <fieldset>
          <legend>{t.instance.options}</legend>
          <div class="options">
            {flagNames.map((name) => (
              <Option name={name} texts={t.flags[name]} isOn={values[name] === true} />
            ))}
            {view.integration !== undefined && (
              <Option name="deleteOldInbox" texts={t.deleteOldInbox} isOn={values.deleteOldInbox === true} />
            )}
          </div>
        </fieldset>
        <div class="actions">
          <button class="primary" type="submit">
            {view.integration === undefined ? t.instance.activate : t.instance.activateAgain}
          </button>
          <button
            type="submit"
            formaction={`${path}/check`}
            hx-post={`${path}/check`}
            hx-target="#checked"
            hx-swap="outerHTML"
            hx-trigger="click, complete from:#activation"
          >
            {t.instance.check}
          </button>
          <span class="htmx-indicator muted" role="status">
            {t.instance.checking}
          </span>
        </div>
        <p class="small muted after">{t.instance.checkHint}</p>
      </form>
      {/* Outside the form: what asks for it must not carry along what was typed there. */}
      {checked}
      {outcome}
    </>
  );
}
