import { lookup } from 'node:dns/promises'
import { join } from 'node:path'
import { DnsQuestions } from './dns-questions.js'
import { isPrivateName } from './private-names.js'
import { WatchedFile } from './watched-file.js'

/** Finds the addresses of a name. The injection token, so that tests can answer. */
export abstract class Resolver {
  /** Every address of the name. @throws Error with Node's DNS codes (`ENOTFOUND`, `EAI_AGAIN`, …). */
  abstract resolve(host: string): Promise<string[]>
}

/** Who knows names. */
export interface NameSources {
  /** Asks as the machine asks: hosts file, name services, search list. Holds one of Node's few threads meanwhile. */
  readonly system: (host: string) => Promise<string[]>
  /** Asks name servers, without a thread; null where none are known. */
  readonly dns: (host: string) => Promise<string[]> | null
  /** The names in the hosts file, in lower case. */
  readonly listed: () => ReadonlySet<string>
}

/**
 * Asks the system for what its hosts file lists and for names that are not public, which only an administrator opens;
 * name servers for all others. Those are named by callers: one that never answers would hold one of the two threads
 * that Node has for questions to the system, and two of them every webhook that goes to a name
 * (docs/decisions/0018). Attempts that ask for the same name at the same time share the question.
 */
export class SystemResolver extends Resolver {
  readonly #open = new Map<string, Promise<string[]>>()
  readonly #sources: NameSources

  constructor(sources: Partial<NameSources> = {}) {
    super()
    this.#sources = { ...ofThisMachine(), ...sources }
  }

  override resolve(host: string): Promise<string[]> {
    const open = this.#open.get(host)
    if (open) return open
    const asked = this.#ask(host).finally(() => this.#open.delete(host))
    this.#open.set(host, asked)
    return asked
  }

  #ask(host: string): Promise<string[]> {
    const { system, dns, listed } = this.#sources
    if (isPrivateName(host) || listed().has(host)) return system(host)
    return dns(host) ?? system(host)
  }
}

function ofThisMachine(): NameSources {
  const questions = new DnsQuestions()
  const hosts = new WatchedFile(hostsFile(), namesOf)
  return {
    system: async (host) => (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address),
    dns: (host) => questions.addresses(host),
    listed: () => hosts.content,
  }
}

function hostsFile(): string {
  const root = process.env['SystemRoot']
  return process.platform === 'win32' && root ? join(root, 'System32/drivers/etc/hosts') : '/etc/hosts'
}

/** All that stands behind an address in a hosts file (`hosts(5)`). */
function namesOf(text: string): ReadonlySet<string> {
  const lines = text.toLowerCase().split('\n')
  return new Set(lines.flatMap((line) => line.replace(/#.*/, '').trim().split(/\s+/).slice(1)))
}
