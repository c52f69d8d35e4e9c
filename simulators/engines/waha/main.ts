import { z } from 'zod';
import { run } from '../run.ts';
import { createWahaSimulator } from './index.ts';

const engine = z.enum(['NOWEB', 'GOWS', 'WEBJS']).parse(process.env.ENGINE_SIM_WAHA_ENGINE ?? 'NOWEB');
await run((options) => createWahaSimulator({ ...options, engine }));
