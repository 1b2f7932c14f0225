import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'

/** Finds the addresses of a name. The injection token, so that tests can answer. */
export abstract class Resolver {
  /** Every address of the name. @throws Error with Node's DNS codes (`ENOTFOUND`, `EAI_AGAIN`, …). */
  abstract resolve(host: string): Promise<string[]>
}

/**
 * Asks as the machine asks: hosts file, search list, DNS. Each question holds one of Node's few threads until it is
 * answered; attempts that ask for the same name meanwhile share it, so that a name server that hangs holds one only.
 */
export class SystemResolver extends Resolver {
  readonly #open = new Map<string, Promise<string[]>>()

  constructor(
    private readonly ask: (host: string) => Promise<LookupAddress[]> = (host) =>
      lookup(host, { all: true, verbatim: true }),
  ) {
    super()
  }

  override resolve(host: string): Promise<string[]> {
    const open = this.#open.get(host)
    if (open) return open
    const asked = this.ask(host)
      .then((answers) => answers.map(({ address }) => address))
      .finally(() => this.#open.delete(host))
    this.#open.set(host, asked)
    return asked
  }
}
