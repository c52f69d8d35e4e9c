import { describeConcurrency } from './suites/concurrency.ts';

// Where completions were lost once, when many were in flight. Many more: test/faults.
describeConcurrency('postgres', 24);
