import type { Engine } from '../../shared/engines/engine.ts';
import { DEFAULT_ENGINE_KIND, type EngineKind, engineOf } from '../../shared/engines/registry.ts';
import { type FieldFault, PonteError } from '../../shared/errors/ponte-error.ts';
import type { EngineBody } from './engine-body.ts';

/** Which engine an instance is paired in, as its row says it; null is what the operator has set, or the instance's own name. */
export interface EngineSettings {
  readonly kind: EngineKind;
  readonly url: string | null;
  readonly name: string | null;
  readonly token: string | null;
  readonly secret: string | null;
}

/** As it is now. Secrets only by whether there are any: they are kept, or given anew. */
export interface CurrentEngine {
  readonly kind: string;
  readonly url: string | null;
  readonly name: string | null;
  readonly hasToken: boolean;
  readonly hasSecret: boolean;
}

/** What a change makes of an engine; a secret that is undefined stays as it is. */
export type EngineChange = Omit<EngineSettings, 'token' | 'secret'> & {
  readonly token: string | null | undefined;
  readonly secret: string | null | undefined;
};

/** The first edition of the fields, each with the one that says the same. */
export interface EarlierFields {
  readonly engineKind?: EngineKind | null | undefined;
  readonly engineUrl?: string | null | undefined;
  readonly engineToken?: string | null | undefined;
}
const EARLIER = { kind: 'engineKind', url: 'engineUrl', token: 'engineToken' } as const;

/** The engine of a new instance, in either form. Throws PonteError `invalid_body` that names every field at fault by the name it was given. */
export function newEngine(body: EarlierFields & { readonly engine?: EngineBody | null | undefined }): EngineSettings {
  const engine = body.engine ?? {};
  const faults: FieldFault[] = [];
  for (const [field, earlier] of entriesOf(EARLIER)) {
    const [one, other] = [engine[field], body[earlier]];
    if (one != null && other != null && one !== other) {
      faults.push({ field: `engine.${field}`, reason: `${earlier} says otherwise — give it once` });
    }
  }
  const given = {
    kind: engine.kind ?? body.engineKind ?? DEFAULT_ENGINE_KIND,
    url: engine.url ?? body.engineUrl ?? null,
    name: engine.name ?? null,
    token: engine.token ?? body.engineToken ?? null,
    secret: engine.secret ?? null,
  };
  const settings = withDefaultUrl(given);
  const nameOf = (field: keyof EngineSettings): string =>
    body.engine == null && (field === 'kind' || field === 'url' || field === 'token') ? EARLIER[field] : `engine.${field}`;
  faults.push(...faultsOf(settings, { hasToken: settings.token !== null, hasSecret: settings.secret !== null }, nameOf));
  refuse(faults);
  return settings;
}

/**
 * What `engine` makes of the engine that an instance has. A token or secret never goes to another address than the one it was given for:
 * with a new address, or another kind, it has to be given again. Throws PonteError `invalid_body`.
 */
export function changedEngine(current: CurrentEngine, engine: EngineBody): EngineChange {
  const kind = engine.kind ?? engineKindOf(current.kind);
  const isOther = kind !== current.kind;
  const next = withDefaultUrl({
    kind,
    url: engine.url ?? (isOther ? null : current.url),
    name: engine.name ?? (isOther ? null : current.name),
    token: null,
    secret: null,
  });
  const isElsewhere = isOther || next.url !== current.url;
  const token = engine.token ?? (isElsewhere ? null : undefined);
  const secret = engine.secret ?? (isElsewhere ? null : undefined);
  const known = {
    hasToken: token === undefined ? current.hasToken : token !== null,
    hasSecret: secret === undefined ? current.hasSecret : secret !== null,
  };
  refuse(faultsOf(next, known, (field) => `engine.${field}`));
  return { ...next, token, secret };
}

function engineKindOf(kind: string): EngineKind {
  engineOf(kind);
  return kind as EngineKind; // engineOf throws for any other
}

const withDefaultUrl = (settings: EngineSettings): EngineSettings => ({
  ...settings,
  url: settings.url ?? engineOf(settings.kind).setup.defaultUrl ?? null,
});

function refuse(faults: readonly FieldFault[]): void {
  if (faults.length === 0) return;
  throw new PonteError(
    'invalid_body',
    { faults: faults.map(({ field, reason }) => `${field}: ${reason}`).join('; ') },
    { faults },
  );
}

/**
 * What the kind asks for and was not given, or was given and is nothing to it. Without an address it is the operator's engine, which is
 * RyzeAPI's: of another one a customer could name anybody's instance.
 */
function faultsOf(
  { kind, url, name, secret }: EngineSettings,
  { hasToken, hasSecret }: { readonly hasToken: boolean; readonly hasSecret: boolean },
  nameOf: (field: keyof EngineSettings) => string,
): FieldFault[] {
  const { setup }: Engine = engineOf(kind);
  const faults: FieldFault[] = [];
  const fault = (field: keyof EngineSettings, reason: string): void => void faults.push({ field: nameOf(field), reason });
  if (url === null && (kind !== DEFAULT_ENGINE_KIND || name !== null))
    fault('url', `is required — the address of ${setup.title}`);
  if (url !== null && !hasToken) fault('token', `is required — ${setup.tokenIs}`);
  if (name !== null && setup.nameIs === undefined)
    fault('name', `is not used — ${setup.title} knows it by the instance’s own name`);
  if (setup.nameForm !== undefined && !setup.nameForm.test(name ?? ''))
    fault('name', `${name === null ? 'is required' : 'is none'} — ${setup.nameIs ?? 'what it is called there'}`);
  if (secret !== null && setup.secretIs === undefined) fault('secret', `is not used by ${setup.title}`);
  if (setup.proof === 'told' && !hasSecret)
    fault('secret', `is required — ${setup.secretIs ?? 'what its deliveries are proven by'}`);
  return faults;
}

const entriesOf = <Key extends string, Value>(record: Readonly<Record<Key, Value>>): [Key, Value][] =>
  Object.entries(record) as [Key, Value][]; // Object.entries forgets the keys' type
