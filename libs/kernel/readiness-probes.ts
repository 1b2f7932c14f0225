/** Null when the part answers, else what is wrong, as the rest of a sentence after its name. */
export type AskPart = () => Promise<string | null>

/** Where rooms offer the parts that a process cannot serve without, so that whoever tells of them need not know the rooms. */
export class ReadinessProbes {
  readonly #parts = new Map<string, AskPart>()

  /** `name` stands in `GET /health/ready`, for example `database`. @throws Error when it is taken. */
  add(name: string, ask: AskPart): void {
    if (this.#parts.has(name)) throw new Error(`readiness probe ${name} is added twice`)
    this.#parts.set(name, ask)
  }

  /** By name, in the order of their adding. */
  get all(): ReadonlyMap<string, AskPart> {
    return this.#parts
  }
}
