import { z } from 'zod';
import { run } from '../run.ts';
import { createWhatsmeowSimulator } from './index.ts';

const flavour = z.enum(['wuzapi', 'evolution-go']).parse(process.env.ENGINE_SIM_FLAVOUR ?? 'wuzapi');
const transport = z.enum(['form', 'json']).parse(process.env.ENGINE_SIM_WEBHOOK_FORMAT ?? 'form');
await run((options) => createWhatsmeowSimulator({ ...options, flavour, transport }));
