/** A mistake that somebody could make, and what the model of the relay has to say of it. */
export interface Defect {
  readonly file: string;
  /** Stands there once. */
  readonly right: string;
  readonly wrong: string;
  readonly verdict: RegExp;
  /** Of the model's engines; where none is named, RyzeAPI. */
  readonly engine?: 'wuzapi';
}

export const DEFECTS: Readonly<Record<string, Defect>> = {
  'a message is acknowledged before Chatwoot has it': {
    file: 'bridge/relay/to-chatwoot/pipeline.ts',
    right: '      taken.add(sequence);\n',
    wrong: '      taken.add(sequence);\n      ack(sequence);\n',
    verdict: /is 0 times in Chatwoot/,
  },
  'a message that fails goes behind those that came after it': {
    file: 'bridge/relay/to-chatwoot/keyed-queue.ts',
    right: "      if (outcome === 'done') lane.items.shift();\n",
    wrong:
      "      lane.items.shift();\n      if (outcome !== 'done') lane.items.push(first);\n      if (outcome === 'done') continue;\n",
    verdict: /is in the order/,
  },
  'a resolved conversation is gone on with, whatever is set': {
    file: 'bridge/relay/to-chatwoot/conversations.ts',
    right: '  if (!reopenResolved && ',
    wrong: '  if (reopenResolved && ',
    verdict: /conversation/,
  },
  'groups are not ignored': {
    file: 'bridge/relay/to-chatwoot/integration-relay.ts',
    right: '    ignoresGroups: () => row().ignoreGroups,\n',
    wrong: '    ignoresGroups: () => false,\n',
    verdict: /although groups are ignored/,
  },
  'what WhatsApp says of a reply is not shown': {
    file: 'bridge/relay/to-chatwoot/deliver-status.ts',
    right: "    if (status === undefined) return 'nothing to do';\n",
    wrong: "    if (status !== 'failed') return 'nothing to do';\n",
    verdict: /on WhatsApp, and shown as/,
  },
  'a reply that an agent deletes is not taken back': {
    file: 'bridge/relay/to-whatsapp/message-api.ts',
    right: "      if (part.kind === 'revoke') {\n",
    wrong:
      "      if (part.kind === 'revoke') return { kind: 'sent', whatsappId: undefined };\n      if (part.kind === 'revoke') {\n",
    verdict: /taken back 0 times/,
    // RyzeAPI cannot take anything back.
    engine: 'wuzapi',
  },
  'a conversation that is to be pending begins open': {
    file: 'bridge/relay/to-chatwoot/conversations.ts',
    right: 'create(addressee, latest, { isPending: startAsPending })',
    wrong: 'create(addressee, latest, { isPending: startAsPending === undefined })',
    verdict: /is open instead of/,
  },
};

/** The text of a file with the defect in it. Throws where that is not there to be planted. */
export function plantedIn(text: string, { file, right, wrong }: Defect): string {
  if (text.split(right).length !== 2) throw new Error(`${file} no longer has this once: ${right.trim()}`);
  return text.replace(right, () => wrong);
}
