import type { JsonObject } from '#kernel'

type Random = () => number

/** Few, so that documents and filters meet. */
const KEYS = ['a', 'b', 'c.d', '', "'", 'k\u0000', 'k\uFFFD', '__proto__']
const SCALARS = ['a', 'A', '', '1', 1, 1.5, 0, true, false, null, 'v\u0000', 'v\uFFFD', 'v\uD800', 'é', 'e\u0301']

/** Makes metadata, and filters that find some of it. */
export class RandomVisibility {
  constructor(private readonly random: Random) {}

  /** Metadata of one to three keys. */
  document(): JsonObject {
    return this.#object(1 + this.#below(3), () => [this.#pick(KEYS), this.#value(2)])
  }

  /** A filter with every operator and group; what it compares with stands in one of the documents as a rule. */
  filter(documents: readonly JsonObject[], nesting = 2): JsonObject {
    if (nesting > 0 && this.random() < 0.3) {
      const groups = this.#list(2 + this.#below(2), () => this.filter(documents, nesting - 1))
      return { [this.#pick(['$or', '$and'])]: groups }
    }
    return this.#object(this.random() < 0.8 ? 1 : 2, () => {
      const [key, value] = this.#pick(Object.entries(this.#pick(documents)))
      return [key, this.#condition(this.random() < 0.7 ? value : this.#value(2))]
    })
  }

  #condition(value: unknown): unknown {
    if (this.random() < 0.3) return value
    if (this.random() < 0.4 || !Array.isArray(value)) return { $eq: value }
    const some = value.filter(() => this.random() < 0.7)
    return { $contains: some.length === 1 && this.random() < 0.5 ? (some[0] as unknown) : some }
  }

  #value(depth: number): unknown {
    if (depth === 0 || this.random() < 0.4) return this.#pick(SCALARS)
    const size = this.#below(3)
    if (this.random() < 0.7) return this.#list(size, () => this.#value(depth - 1))
    return this.#object(size, () => [this.#pick(KEYS), this.#value(depth - 1)])
  }

  /** With keys of its own, whatever they are called. */
  #object(size: number, entry: () => [string, unknown]): JsonObject {
    return Object.fromEntries(this.#list(size, entry))
  }

  #list<Item>(size: number, item: () => Item): Item[] {
    return Array.from({ length: size }, item)
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.#below(items.length)]!
  }

  #below(limit: number): number {
    return Math.floor(this.random() * limit)
  }
}
