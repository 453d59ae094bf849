// A shop, to show what JavaScript says.
import fs, { readFile as read, writeFile } from "fs";
import * as path from "path";
import "./side-effect.js";
const { join } = require("./paths");
const util = require("util");
export { Basket as default } from "./basket.js";
export * from "./prices.js";

/** How much fits. */
export const LIMIT = 3;

export class Shop extends util.Store {
  #open = false;

  constructor(owner) {
    super(owner);
    this.items = new Map();
  }

  static of(owner) {
    return new Shop(owner);
  }

  async total(rate) {
    return this.items.sum((item) => price(item)) * rate;
  }
}

// What one thing costs.
export const price = (item) => item.cost?.();

function* walk(items) {
  yield* items;
}

Shop.prototype.close = function () {
  fs.closeSync(join(path.sep, "x"));
};

describe("a shop", () => {
  it("starts empty", () => {
    expect(Shop.of("me").total()).toBe(0);
  });
});
