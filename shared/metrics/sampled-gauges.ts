import { setTimeout as delay } from 'node:timers/promises';
import { Counter, Gauge, type Registry } from 'prom-client';

export interface Sample {
  readonly gauge: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Several scrapers, or one that is impatient, cost one look. */
const FRESH_FOR_MS = 2_000;
/** Prometheus gives up on a scrape after ten seconds: the other metrics must get through. */
const TIMEOUT_MS = 4_000;

const FAILURES = 'ponte_collector_failures_total';

/**
 * Gauges whose values lie elsewhere (a database, a queue) and are looked up when somebody scrapes. Where that fails they are left out, so
 * that nobody takes an old value for a new one, and `ponte_collector_failures_total` says so. `gauges` are their names and descriptions.
 */
export function addSampledGauges(deps: {
  registry: Registry;
  collector: string;
  gauges: Readonly<Record<string, { readonly help: string; readonly labelNames?: readonly string[] }>>;
  sample: () => Promise<readonly Sample[]>;
}): void {
  const { registry, collector } = deps;
  const failures = failuresOf(registry);
  failures.inc({ collector }, 0);
  let latest: { readonly at: number; readonly samples: Promise<readonly Sample[]> } | undefined;

  async function look(): Promise<readonly Sample[]> {
    const late = delay(TIMEOUT_MS, undefined, { ref: false }).then(() => {
      throw new Error('the metrics did not come in time');
    });
    try {
      const sampling = deps.sample();
      // Whoever loses the race must not end the process when it rejects later.
      for (const promise of [sampling, late]) promise.catch(() => {});
      return await Promise.race([sampling, late]);
    } catch {
      failures.inc({ collector });
      return [];
    }
  }

  for (const [name, { help, labelNames = [] }] of Object.entries(deps.gauges)) {
    new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      registers: [registry],
      async collect() {
        if (latest === undefined || Date.now() - latest.at > FRESH_FOR_MS) latest = { at: Date.now(), samples: look() };
        const samples = await latest.samples;
        this.reset();
        // A gauge without labels starts at 0, which would be a value.
        this.remove({});
        for (const { gauge, labels = {}, value } of samples) if (gauge === name) this.set(labels, value);
      },
    });
  }
}

function failuresOf(registry: Registry): Counter {
  const existing = registry.getSingleMetric(FAILURES);
  if (existing instanceof Counter) return existing;
  return new Counter({
    name: FAILURES,
    help: 'Times that metrics could not be looked up for a scrape, by where they come from.',
    labelNames: ['collector'],
    registers: [registry],
  });
}
