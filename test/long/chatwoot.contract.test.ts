import { describeReleases } from '../contract/chatwoot/describe-release.ts';
import { quickReleases, releases } from '../contract/chatwoot/releases.ts';

const quick: ReadonlySet<string> = new Set(quickReleases);
describeReleases(releases.filter((version) => !quick.has(version)));
