/** The oldest release of Chatwoot that the contract suite holds Ponte by: docs/chatwoot.md says what each has. */
export const OLDEST_RELEASE = '3.13.0';

/** What whoever activates is told of an older one; nothing where there is none. */
export const oldReleaseWarning = (version: string | null | undefined): string[] =>
  version
    ? [
        `this Chatwoot is release ${version}; Ponte is tested with ${OLDEST_RELEASE} and later, and some of it may not work there — update Chatwoot`,
      ]
    : [];
