import { describeConcurrency } from '../e2e/suites/concurrency.ts';

describeConcurrency('postgres', 200);
describeConcurrency('redis', 200);
