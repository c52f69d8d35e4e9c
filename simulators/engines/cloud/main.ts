import { run } from '../run.ts';
import { createCloudSimulator } from './index.ts';

await run((options) => createCloudSimulator({ ...options, appSecret: process.env.ENGINE_SIM_APP_SECRET }));
