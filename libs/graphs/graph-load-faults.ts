/** Thrown at start when graphs cannot be loaded: names every one of them, so that one look is enough. */
export class GraphLoadFaults extends Error {
  /** @param faults one sentence per graph */
  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'))
    this.name = 'GraphLoadFaults'
  }
}
