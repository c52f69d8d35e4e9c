/** What WhatsApp APIs call themselves, in any language. */
const NAMES: Readonly<Record<string, string>> = {
  ryzeapi: 'RyzeAPI',
  evolution: 'Evolution API',
  cloud: 'WhatsApp Cloud API (Meta)',
  waha: 'WAHA',
  whatsmeow: 'wuzapi, Evolution Go (whatsmeow)',
  gowa: 'GOWA',
};

/** A kind of engine as people know it; one that has no name here yet is called as in the API. */
export const kindName = (kind: string): string => NAMES[kind] ?? kind;
