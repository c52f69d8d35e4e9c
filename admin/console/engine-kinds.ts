import { type EngineKind, engineKinds, engineOf } from '../../shared/engines/registry.ts';

export const isEngineKind = (kind: unknown): kind is EngineKind => engineKinds.some((known) => known === kind);

/** A kind of engine as people know it; one that only a newer version can have written is called as in the API. */
export const kindName = (kind: string): string => (isEngineKind(kind) ? engineOf(kind).setup.title : kind);

/** Whether Ponte itself has its events delivered here. */
export const setsWebhook = (kind: string): boolean => isEngineKind(kind) && engineOf(kind).webhook !== undefined;

export const canPair = (kind: string): boolean => isEngineKind(kind) && engineOf(kind).pair !== undefined;
export const canBeChecked = (kind: string): boolean => isEngineKind(kind) && engineOf(kind).check !== undefined;
