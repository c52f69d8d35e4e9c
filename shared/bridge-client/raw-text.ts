import { type NetworkCause, networkCause } from './network-cause.ts';

/** What the text of a bridge tells about its call to Chatwoot, where the bridge gives nothing but text. */
export type RawText =
  | {
      readonly kind: 'answer';
      readonly url: string | undefined;
      readonly status: number;
      readonly body: string;
      readonly detail: string;
    }
  | { readonly kind: 'network'; readonly url: string | undefined; readonly cause: NetworkCause; readonly detail: string };

// `<url> HTTP <status>: <body>`, whatever the bridge wrote before it.
const ANSWER = /(?:(\S+) +)?\bHTTP (\d{3})\b:?[ \t]*([\s\S]*)$/;
// Go's url.Error: `Post "<url>": <reason>`; Ponte's bridge writes its network failures the same way.
const GO_ERROR = /\b(?:Get|Post|Put|Patch|Delete|Head|[A-Z]{3,6}) "([^"\s]+)": ([\s\S]+)$/;

/** Reads `<url> HTTP <status>: <body>` and the network errors of Go and Node; undefined for any other text. */
export function readRawText(text: string): RawText | undefined {
  const go = GO_ERROR.exec(text);
  const goCause = go?.[2] === undefined ? undefined : networkCause(go[2]);
  if (go !== null && goCause !== undefined) {
    return { kind: 'network', url: go[1], cause: goCause, detail: go[0] };
  }
  const answer = ANSWER.exec(text);
  if (answer !== null) {
    const [detail, url, status = '', body = ''] = answer;
    return { kind: 'answer', url, status: Number(status), body: body.trim(), detail };
  }
  const cause = networkCause(text);
  return cause === undefined
    ? undefined
    : { kind: 'network', url: /\bhttps?:\/\/[^\s"'<>]+/.exec(text)?.[0], cause, detail: text };
}
