import { itHoldsWhateverHappens } from './suites/relay-model.ts';

itHoldsWhateverHappens(1, 30);
