/** Null when the part answers, else what is wrong, as the rest of a sentence after its name. */
export type AskPart = () => Promise<string | null>

/** How much a part matters. */
export interface PartOptions {
  /** Whether the process can serve without it, if not as well: then it is told of, and the process stays ready. */
  readonly isOptional?: boolean
}

/** Where rooms offer the parts that a process stands on, so that whoever tells of them need not know the rooms. */
export class ReadinessProbes {
  readonly #parts = new Map<string, AskPart>()
  readonly #optional = new Set<string>()

  /** `name` stands in `GET /health/ready`, for example `database`. @throws Error when it is taken. */
  add(name: string, ask: AskPart, { isOptional = false }: PartOptions = {}): void {
    if (this.#parts.has(name)) throw new Error(`readiness probe ${name} is added twice`)
    this.#parts.set(name, ask)
    if (isOptional) this.#optional.add(name)
  }

  /** The names of those that the process can serve without. */
  get optional(): ReadonlySet<string> {
    return this.#optional
  }

  /** By name, in the order of their adding. */
  get all(): ReadonlyMap<string, AskPart> {
    return this.#parts
  }
}
