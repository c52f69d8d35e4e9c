import { DEFAULT_ENGINE_KIND, type EngineKind, engineKinds, engineOf } from '../../shared/engines/registry.ts';
import type { Ui } from '../looks/ui.ts';
import { isEngineKind, kindName } from './engine-kinds.ts';
import { type Faults, Field } from './fields.tsx';

export type EngineValues = Readonly<Record<string, string>>;
type Form = Readonly<Record<string, unknown>>;

const FIELDS = ['url', 'name', 'token', 'secret'] as const;
const textIn = (form: Form, name: string): string => (typeof form[name] === 'string' ? form[name].trim() : '');

/** The kind that was chosen, or else this one. */
export const chosenKind = (given: unknown, otherwise: string = DEFAULT_ENGINE_KIND): EngineKind =>
  isEngineKind(given) ? given : isEngineKind(otherwise) ? otherwise : DEFAULT_ENGINE_KIND;

/** A form as browsers send it, as the `engine` that the REST api takes. What was left empty is left out. */
export const engineIn = (form: Form): Record<string, string> => ({
  kind: chosenKind(form['engine.kind']),
  ...Object.fromEntries(FIELDS.map((name) => [name, textIn(form, `engine.${name}`)]).filter(([, text]) => text !== '')),
});

/** What was entered, to be shown again; nothing that is secret. */
export const engineValuesIn = (form: Form): EngineValues => ({
  url: textIn(form, 'engine.url'),
  name: textIn(form, 'engine.name'),
});

/** The kinds to choose from, each leading to the form that asks for what it needs. */
export function EngineKinds({ ui: { t }, kind, path }: { ui: Ui; kind: EngineKind; path: string }) {
  return (
    <nav class="field" aria-label={t.fields.engineKind[0]}>
      <b>{t.fields.engineKind[0]}</b>
      <span class="hint">{t.fields.engineKind[1]}</span>
      <div class="choice">
        {engineKinds.map((each) => (
          <a href={`${path}?kind=${each}`} aria-current={each === kind ? 'true' : undefined}>
            {kindName(each)}
          </a>
        ))}
      </div>
    </nav>
  );
}

interface EngineFieldsProps {
  readonly ui: Ui;
  readonly kind: EngineKind;
  readonly values: EngineValues;
  readonly faults: Faults;
  /** Of an engine that is only changed, what is secret may stay as it is. */
  readonly isNew: boolean;
}

/** What the chosen kind needs to be told, in its own words. */
export function EngineFields({ ui: { t }, kind, values, faults, isNew }: EngineFieldsProps) {
  const { setup } = engineOf(kind);
  const words = t.engine.words[kind] ?? {};
  const hint = (known: string | undefined, text: string, rest: string): string => `${capital(known ?? text)}. ${rest}`;
  const isDefaultKind = kind === DEFAULT_ENGINE_KIND;
  const urlHint =
    setup.defaultUrl !== undefined
      ? t.engine.onlyOne(setup.defaultUrl)
      : isDefaultKind
        ? t.fields.engineUrl[1]
        : t.engine.required;
  return (
    <>
      <input type="hidden" name="engine.kind" value={kind} />
      <Field
        name="engine.url"
        type="url"
        texts={[t.fields.engineUrl[0] ?? '', urlHint ?? '']}
        value={values.url}
        fault={faults['engine.url']}
        placeholder={setup.defaultUrl ?? 'https://whatsapp.example.com'}
        isRequired={!isDefaultKind && setup.defaultUrl === undefined}
      />
      {setup.nameIs !== undefined && (
        <Field
          name="engine.name"
          texts={[
            t.fields.engineName[0] ?? '',
            hint(words.nameIs, setup.nameIs, setup.nameForm === undefined ? (t.fields.engineName[1] ?? '') : ''),
          ]}
          value={values.name}
          fault={faults['engine.name']}
          isRequired={setup.nameForm !== undefined}
        />
      )}
      <Field
        name="engine.token"
        type="password"
        texts={[t.fields.engineToken[0] ?? '', hint(words.tokenIs, setup.tokenIs, t.fields.engineSecret[1] ?? '')]}
        fault={faults['engine.token']}
        autocomplete="new-password"
        isRequired={isNew && !isDefaultKind}
      />
      {setup.secretIs !== undefined && (
        <Field
          name="engine.secret"
          type="password"
          texts={[t.fields.engineSecret[0] ?? '', hint(words.secretIs, setup.secretIs, t.fields.engineSecret[1] ?? '')]}
          fault={faults['engine.secret']}
          autocomplete="new-password"
          isRequired={isNew && setup.proof === 'told'}
        />
      )}
      {faults['engine.kind'] !== undefined && <p class="fault">{faults['engine.kind']}</p>}
    </>
  );
}

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
