import type { ConfigFault } from './config-faults.js'

const PLAIN_SEGMENT = /^[\w$-]+$/

/** A key of a file or a variable, as faults name it. */
export class Place {
  constructor(
    readonly where: string,
    readonly key: string,
  ) {}

  /** The place of a key of the object that stands here. A key that is not a plain word is quoted. */
  child(name: string): Place {
    if (!PLAIN_SEGMENT.test(name)) return new Place(this.where, `${this.key}[${JSON.stringify(name)}]`)
    return new Place(this.where, this.key === '' ? name : `${this.key}.${name}`)
  }

  /** The place of an item of the list that stands here, counted from 0. */
  item(index: number): Place {
    return new Place(this.where, `${this.key}[${index}]`)
  }
}

/** Collects faults and warnings, so that all of them are told at once. */
export class Findings {
  readonly #faults: ConfigFault[] = []
  readonly #warnings: string[] = []
  readonly #deploymentWarnings: string[] = []

  /** Records what stops the start; neither sentence may hold a value of a variable or header. */
  fault(place: Place, problem: string, remedy: string): void {
    this.#faults.push({ where: place.where, key: place.key, problem, remedy })
  }

  /** Records a sentence to be logged at start. */
  warn(sentence: string): void {
    this.#warnings.push(sentence)
  }

  /** Records a sentence that concerns a server that is being started, and not its configuration. */
  warnOfDeployment(sentence: string): void {
    this.#deploymentWarnings.push(sentence)
  }

  get faults(): readonly ConfigFault[] {
    return this.#faults
  }

  get warnings(): readonly string[] {
    return this.#warnings
  }

  get deploymentWarnings(): readonly string[] {
    return this.#deploymentWarnings
  }
}
