/** Who waits, each with what is its own. */
export interface TurnOrder<Item> {
  add(owner: string, item: Item): void;
  /** Whose turn it is; undefined where nobody waits. */
  take(): Item | undefined;
  /** How much waits. */
  size(): number;
}

/**
 * In which order those that wait get their turn: every second turn goes round among the owners, and the others to whoever has asked for least
 * since it last had nothing waiting. So one who comes with hundreds waits behind its own; and who comes with one thing waits for a turn or two,
 * however many others there are and however much each of them wants.
 */
export function createTurnOrder<Item>(): TurnOrder<Item> {
  interface Owner {
    readonly items: Item[];
    /** How much it has asked for since nothing of it waited. */
    asked: number;
  }
  /** Whose turn is next in the round is the first. */
  const owners = new Map<string, Owner>();
  let isOfRound = false;
  let size = 0;

  function ofLeast(): string | undefined {
    let least: string | undefined;
    let asked = Number.POSITIVE_INFINITY;
    for (const [name, owner] of owners) {
      if (owner.asked >= asked) continue;
      least = name;
      asked = owner.asked;
    }
    return least;
  }

  return {
    add(name, item) {
      size += 1;
      const owner = owners.get(name);
      if (owner === undefined) owners.set(name, { items: [item], asked: 1 });
      else {
        owner.items.push(item);
        owner.asked += 1;
      }
    },
    take() {
      isOfRound = !isOfRound;
      const name = isOfRound ? owners.keys().next().value : ofLeast();
      const owner = name === undefined ? undefined : owners.get(name);
      if (name === undefined || owner === undefined) return undefined;
      size -= 1;
      const item = owner.items.shift();
      owners.delete(name);
      if (owner.items.length > 0) owners.set(name, owner);
      return item;
    },
    size: () => size,
  };
}
