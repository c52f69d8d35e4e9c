import type { ChatwootRequest } from './transport.ts';

/** `POST conversations/:id/messages`: what is asked for, whichever account, inbox or conversation it is about. For metrics and traces. */
export function endpointLabel({ method, url }: Pick<ChatwootRequest, 'method' | 'url'>): string {
  const [, path] = /\/api\/v1\/([^?#]*)/.exec(url) ?? [];
  if (path === undefined) return `${method} other`;
  const parts = path.replace(/^accounts\/\d+\//, '').split('/');
  return `${method} ${parts.map((part) => (/\d/.test(part) ? ':id' : part)).join('/')}`;
}
