import { ENGINES } from '../e2e/relay-model/engines.ts';
import { itHoldsWhateverHappens } from '../e2e/suites/relay-model.ts';

itHoldsWhateverHappens(
  Object.entries(ENGINES).map(([title, names]) => ({
    title,
    engines: [names, names],
    runs: title === 'ryzeapi' ? 4 : 2,
    steps: title === 'ryzeapi' ? 60 : 45,
  })),
);
