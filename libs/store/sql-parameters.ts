/** The parameters of a statement that is put together. */
export class SqlParameters {
  readonly values: unknown[] = []

  /** Adds one and returns its place, `$1`. */
  add(value: unknown): string {
    this.values.push(value)
    return `$${this.values.length}`
  }
}
