import { Store, type Item } from "./store";
import type { Rates } from "../rates";

export interface Priced extends Item {
  cost(): number;
  name: string;
}

export type Rate = number | Rates;

export enum Currency {
  Eur = "eur",
}

/** Sells things. */
export abstract class Shop<T extends Priced> extends Store<T> implements Priced {
  private readonly items: T[] = [];

  constructor(public owner: string) {
    super();
  }

  abstract open(): void;

  total(rate: Rate): number {
    return this.items.map((item) => item.cost()).reduce(add, 0);
  }
}

export function add(a: number, b: number): number {
  return Math.round(a + b);
}

namespace Inner {
  export const deep = (x: number): number => add(x, 1);
}
