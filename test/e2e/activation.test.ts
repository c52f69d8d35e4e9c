import { describeActivation } from './suites/activation.ts';

// The other engine: test/faults, and the tests of many at once.
describeActivation('redis');
