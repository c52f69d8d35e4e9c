import express, { type Express } from 'express';
import { createFaults } from '../chatwoot/faults.ts';
import { controlRoutes } from './control.ts';
import type { Deliveries } from './deliveries.ts';
import type { EngineSimulator } from './engine-simulator.ts';
import { createListening } from './listening.ts';

/** What every engine's simulator is as a server: it listens, delivers, fails on demand, and is controlled under `/__sim`. */
export interface Serving {
  /** The part of the simulator that is the same on all of them. */
  readonly common: Pick<EngineSimulator, 'start' | 'stop' | 'url' | 'faults'>;
  /** The control, then faults; what the engine itself serves comes behind. */
  serve(simulator: EngineSimulator): Express;
}

/** `beforeStop` may still hand something to the deliveries. */
export function createServing(port: number, deliveries: Deliveries, beforeStop = (): void => {}): Serving {
  const faults = createFaults();
  const app = express();
  const listening = createListening(port, app);
  app.disable('x-powered-by');
  return {
    common: {
      faults: faults.control,
      url: listening.url,
      async start() {
        deliveries.start();
        return listening.start();
      },
      async stop() {
        beforeStop();
        faults.release();
        await Promise.all([listening.stop(), deliveries.stop()]);
      },
    },
    serve(simulator) {
      app.use('/__sim', express.json({ limit: '100mb' }), controlRoutes(simulator));
      app.use(faults.middleware);
      return app;
    },
  };
}
