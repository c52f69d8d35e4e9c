/**
 * What to change when Chatwoot's validation refuses an inbox. Its texts are in the account's language, so only the names of the
 * attributes count; each leads to the setting of ours that it was made from.
 */
const HINTS: Readonly<Record<string, string>> = {
  name: 'change inboxName (1 to 255 characters; Chatwoot before 4.3 also wants it to begin and end with a letter or digit and to contain none of / \\ < > @)',
  webhook_url: 'the operator has to change BRIDGE_PUBLIC_URL (Chatwoot takes webhook addresses of up to 2,048 characters)',
  channel: 'this Chatwoot offers no inboxes of the kind API; the operator of Chatwoot has to allow them',
};

export function validationHint(attributes: readonly string[]): string {
  const hints = attributes.flatMap((name) => (Object.hasOwn(HINTS, name) ? [HINTS[name]] : []));
  if (hints.length > 0) return [...new Set(hints)].join('; ');
  if (attributes.length === 0) return 'the detail says what Chatwoot objects to';
  const names = attributes.slice(0, 5).map((name) => name.slice(0, 40));
  return `Chatwoot objects to ${names.join(', ')}, which Ponte leaves at Chatwoot’s own default; have the account’s settings in Chatwoot checked`;
}
