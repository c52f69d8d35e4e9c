import type { Request } from 'express';
import { EvolutionRefusal } from './refusal.ts';
import type { EvolutionInstance, World } from './world.ts';

export interface Access {
  /** Only with the global key. */
  global(req: Request): void;
  /** The instance of the path: that it exists is looked at before the key is. */
  instance(req: Request): EvolutionInstance;
  /** All for the global key, its own for that of an instance. */
  visible(req: Request): readonly EvolutionInstance[];
}

export function createAccess(world: World, globalKey: string): Access {
  const keyOf = (req: Request): string => req.get('apikey') ?? '';
  return {
    global(req) {
      if (keyOf(req) !== globalKey) throw new EvolutionRefusal(401, 'Unauthorized');
    },
    instance(req) {
      const instance = world.named(String(req.params.name));
      if (![globalKey, instance.token].includes(keyOf(req))) throw new EvolutionRefusal(401, 'Unauthorized');
      return instance;
    },
    visible(req) {
      const all = [...world.instances.values()];
      if (keyOf(req) === globalKey) return all;
      const own = all.filter(({ token }) => token === keyOf(req));
      if (own.length === 0) throw new EvolutionRefusal(401, 'Unauthorized');
      return own;
    },
  };
}
