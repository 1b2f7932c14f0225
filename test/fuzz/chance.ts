import { seededRandom } from '../support/seeded-random.js'

/** Choices that a seed repeats. */
export class Chance {
  readonly #next: () => number

  constructor(seed: number) {
    this.#next = seededRandom(seed)
  }

  /** An integer from 0, below `bound`. */
  below(bound: number): number {
    return Math.floor(this.#next() * bound)
  }

  /** True in `percent` of 100 cases. */
  percent(percent: number): boolean {
    return this.#next() * 100 < percent
  }

  /** One of them. */
  of<Item>(items: readonly Item[]): Item {
    if (items.length === 0) throw new Error('nothing to choose from')
    return items[this.below(items.length)] as Item
  }

  /** A UUID of version 4. */
  uuid(): string {
    const digits = Array.from({ length: 32 }, () => this.below(16).toString(16)).join('')
    return digits.replace(/(.{8})(.{4}).(.{3}).(.{3})(.{12})/, '$1-$2-4$3-8$4-$5')
  }
}
