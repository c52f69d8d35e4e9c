import { ENGINES } from '../e2e/relay-model/engines.ts';
import { itHoldsWhateverHappens } from '../e2e/suites/relay-model.ts';

// One integration on each, of those that look differently the one that the seed chooses.
itHoldsWhateverHappens([{ title: 'every engine at once', engines: Object.values(ENGINES), runs: 1, steps: 30 }]);
