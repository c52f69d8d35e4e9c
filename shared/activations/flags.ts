import { z } from 'zod';

/**
 * What an activation can ask for beyond its inbox, each off by default: its name in requests, rows and settings, its name on the wire to the
 * bridge, and what it does. Both tables of integrations have a column of each name; where one is missing, it does not compile.
 */
export const activationFlags = {
  signMessages: { wire: 'sign_messages', description: 'Puts the name of the agent before every message: `*Name*:`.' },
  ignoreGroups: { wire: 'ignore_groups', description: 'Keeps messages of groups out of Chatwoot.' },
  startAsPending: { wire: 'start_as_pending', description: 'New conversations are `pending` instead of `open`.' },
  reopenResolved: {
    wire: 'reopen_resolved',
    description: 'A new message reopens a resolved conversation instead of beginning another.',
  },
} as const satisfies Record<string, { wire: string; description: string }>;

export type FlagName = keyof typeof activationFlags;
export type Flags = Record<FlagName, boolean>;
type WireName = (typeof activationFlags)[FlagName]['wire'];
type WireFlags = Record<WireName, boolean>;

// Object.keys and Object.fromEntries forget the names, hence the casts of this file.
export const flagNames = Object.keys(activationFlags) as readonly FlagName[];

/** An object with one property for each flag, made by `make`. */
export const eachFlag = <Value>(make: (name: FlagName) => Value): Record<FlagName, Value> =>
  Object.fromEntries(flagNames.map((name) => [name, make(name)])) as Record<FlagName, Value>;

/** A flag in a row or a call: whoever wrote it may be of a version that did not know the flag yet. */
const knownOrOff = z.boolean().default(false);

/** The flags as stored. */
export const storedFlags = eachFlag(() => knownOrOff);
/** The flags as the bridge is told them. */
export const wireFlags = Object.fromEntries(flagNames.map((name) => [activationFlags[name].wire, knownOrOff])) as Record<
  WireName,
  typeof knownOrOff
>;

export const flagsToWire = (flags: Flags): WireFlags =>
  Object.fromEntries(flagNames.map((name) => [activationFlags[name].wire, flags[name]])) as WireFlags;
export const flagsFromWire = (wire: WireFlags): Flags => eachFlag((name) => wire[activationFlags[name].wire]);
