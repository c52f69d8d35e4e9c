const TIMEOUT_MS = 30_000;

/** Somebody who logs in to the console with a token, and reads: a browser without a window. Answers the HTML of a page. */
export async function logInToConsole(baseUrl: string, token: string): Promise<(path: string) => Promise<string>> {
  const cookies = new Map<string, string>();
  async function visit(path: string, form?: Readonly<Record<string, string>>): Promise<string> {
    const response = await fetch(`${baseUrl}${path}`, {
      method: form === undefined ? 'GET' : 'POST',
      headers: { accept: 'text/html', cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      body: form === undefined ? null : new URLSearchParams(form),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    return response.text();
  }
  const front = await visit('/');
  await visit('/login', { token: /name="token" value="([^"]+)"/.exec(front)?.[1] ?? '', secret: token });
  return (path) => visit(path);
}
