import { run } from '../run.ts';
import { createGowaSimulator } from './index.ts';

await run(createGowaSimulator);
