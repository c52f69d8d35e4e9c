import type { ComponentChildren } from 'preact';

/** What is wrong with one field of a form, in words. */
export type Faults = Readonly<Record<string, string>>;

interface FieldProps {
  readonly name: string;
  readonly texts: readonly string[];
  readonly fault?: string | undefined;
  readonly value?: string | undefined;
  readonly type?: 'text' | 'url' | 'password' | 'number';
  readonly isRequired?: boolean;
  readonly placeholder?: string;
  readonly autocomplete?: string;
  readonly pattern?: string;
}

/** One field with its label, what it is, and what is wrong with it. */
export function Field(props: FieldProps) {
  const { name, texts, fault = '', value = '', type = 'text', isRequired = false } = props;
  const [label = '', hint = ''] = texts;
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <span class="hint" id={`${name}-hint`}>
        {hint}
      </span>
      <input
        id={name}
        name={name}
        // Preact tells the kinds of inputs apart, and takes no union of them.
        type={type as 'text'}
        // What is secret is never given back.
        value={type === 'password' ? '' : value}
        required={isRequired}
        placeholder={props.placeholder}
        pattern={props.pattern}
        min={type === 'number' ? 1 : undefined}
        autocomplete={props.autocomplete ?? 'off'}
        spellcheck={false}
        autocapitalize="none"
        aria-describedby={`${name}-hint ${name}-fault`}
        aria-invalid={fault === '' ? undefined : 'true'}
      />
      <FieldFault name={name} fault={fault} />
    </div>
  );
}

/** Sent alone, it takes the place of the one that is there. */
export const FieldFault = ({ name, fault, isSwap = false }: { name: string; fault: string; isSwap?: boolean }) => (
  <p class="fault" id={`${name}-fault`} data-for={name} hx-swap-oob={isSwap ? 'true' : undefined}>
    {fault}
  </p>
);

export const Option = (props: { name: string; texts: readonly string[]; isOn: boolean }) => (
  <label class="option">
    <input type="checkbox" name={props.name} value="true" checked={props.isOn} />
    <span>
      <b>{props.texts[0]}</b>
      <span class="hint">{props.texts[1]}</span>
    </span>
  </label>
);

export const Fact = ({ name, children }: { name: string; children: ComponentChildren }) => (
  <>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </>
);
