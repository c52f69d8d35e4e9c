/** What Rack makes of the name of an uploaded file: percent signs decoded where each of them can be. */
function decoded(name: string): string {
  if (!/%/.test(name) || /%(?![0-9a-f]{2})/i.test(name)) return name;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** The name under which Chatwoot keeps a file: without its path, and with hyphens for signs that mean something in addresses. */
export const storedFileName = (name: string): string =>
  (decoded(name).split(/[/\\]/).at(-1) ?? '').trim().replace(/[\u202e%$|:;/\t\r\n\\]/g, '-');
