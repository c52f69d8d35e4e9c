import { z } from 'zod';
import { run } from '../run.ts';
import { createEvolutionSimulator } from './index.ts';
import { layouts } from './proto.ts';

const layout = z.enum(layouts).default('2.3').parse(process.env.ENGINE_SIM_LAYOUT);
await run((options) => createEvolutionSimulator({ ...options, layout }));
