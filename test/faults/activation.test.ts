import { describeActivation } from '../e2e/suites/activation.ts';

describeActivation('postgres');
