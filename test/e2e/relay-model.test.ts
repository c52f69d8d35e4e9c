import { ENGINES } from './relay-model/engines.ts';
import { itHoldsWhateverHappens } from './suites/relay-model.ts';

// One integration on each, of those that look differently the one that the seed chooses.
itHoldsWhateverHappens([{ title: 'every engine at once', engines: Object.values(ENGINES), runs: 1, steps: 30 }]);
