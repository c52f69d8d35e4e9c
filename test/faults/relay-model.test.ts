import { itHoldsWhateverHappens } from '../e2e/suites/relay-model.ts';

itHoldsWhateverHappens(4, 60);
