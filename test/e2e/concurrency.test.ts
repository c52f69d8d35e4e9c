import { describeConcurrency } from './suites/concurrency.ts';

// Where completions were lost once, when many were in flight.
describeConcurrency('postgres', 60);
