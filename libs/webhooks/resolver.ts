import { lookup } from 'node:dns/promises'

/** Finds the addresses of a name. The injection token, so that tests can answer. */
export abstract class Resolver {
  /** Every address of the name. @throws Error with Node's DNS codes (`ENOTFOUND`, `EAI_AGAIN`, …). */
  abstract resolve(host: string): Promise<string[]>
}

/** Asks as the machine asks: hosts file, search list, DNS. */
export class SystemResolver extends Resolver {
  override async resolve(host: string): Promise<string[]> {
    const answers = await lookup(host, { all: true, verbatim: true })
    return answers.map(({ address }) => address)
  }
}
