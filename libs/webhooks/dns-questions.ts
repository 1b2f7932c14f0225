import { Resolver as DnsResolver } from 'node:dns/promises'
import { WatchedFile } from './watched-file.js'

/** How long a name server has for its answer, in ms, the first time; twice as long for the second and last. */
const PATIENCE_MS = 2_500

const TRIES = 2

/** How long IPv4 and IPv6 wait for each other once one has addresses, in ms: some name servers ignore one of the two. */
const GRACE_MS = 300

/** Where the system says which name servers to ask. */
const SERVERS_FILE = '/etc/resolv.conf'

/** How many suffixes are tried at most: as many as the C libraries have long taken. */
const MAX_SUFFIXES = 6

/** There is no such name, or it has no address. */
const NO_ANSWER: ReadonlySet<unknown> = new Set(['ENOTFOUND', 'ENODATA'])

/** Whom to ask instead of the system's name servers, and how patiently: for tests. */
export interface DnsOptions {
  /** `address:port` of each server. */
  readonly servers?: readonly string[]
  readonly patienceMs?: number
  readonly graceMs?: number
  readonly file?: string
}

interface NameServers {
  readonly resolver: DnsResolver
  readonly graceMs: number
  /** What is put behind a name that there is not, as `resolv.conf(5)` has it. */
  readonly suffixes: readonly string[]
}

/** Asks the system's name servers without holding a thread: any number of questions may be open. */
export class DnsQuestions {
  readonly #servers: WatchedFile<NameServers | null>

  constructor(private readonly options: DnsOptions = {}) {
    this.#servers = new WatchedFile(options.file ?? SERVERS_FILE, (text) => this.#read(text))
  }

  /**
   * The name's addresses, IPv4 first, as far as they have been told in time: whoever connects must judge these and take
   * no other. Null where the system names no name server (Windows).
   * @throws Error with the code `ENOTFOUND`, `ENODATA`, or `EAI_AGAIN` when no server could say.
   */
  addresses(name: string): Promise<string[]> | null {
    const servers = this.#servers.content
    return servers && firstFound(servers, name)
  }

  #read(text: string): NameServers | null {
    const { servers, patienceMs = PATIENCE_MS, graceMs = GRACE_MS } = this.options
    if (servers === undefined && !/^nameserver\s/m.test(text)) return null
    const resolver = new DnsResolver({ timeout: patienceMs, tries: TRIES })
    if (servers) resolver.setServers(servers)
    return { resolver, graceMs, suffixes: suffixesOf(text) }
  }
}

/** The last `search` or `domain` line counts. */
function suffixesOf(text: string): string[] {
  const [, list = ''] = [...text.matchAll(/^(?:search|domain)[ \t]+(.*)$/gm)].at(-1) ?? []
  const names = list.split(/\s+/).map((name) => name.replace(/^\.|\.$/g, ''))
  return names.filter((name) => name !== '').slice(0, MAX_SUFFIXES)
}

/** The name as it is; when there is none such, with each suffix in turn. */
async function firstFound(servers: NameServers, name: string): Promise<string[]> {
  let reason: unknown
  for (const full of [name, ...servers.suffixes.map((suffix) => `${name}.${suffix}`)]) {
    try {
      return await addressesOf(servers, full)
    } catch (error) {
      if (!NO_ANSWER.has(codeOf(error))) throw error
      reason ??= error
    }
  }
  throw reason
}

async function addressesOf({ resolver, graceMs }: NameServers, name: string): Promise<string[]> {
  const questions = [resolver.resolve4(name), resolver.resolve6(name)]
  const late = graceAfterFirst(questions, graceMs)
  const answers = await Promise.allSettled(questions.map((question) => Promise.race([question, late])))
  const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  if (addresses.length > 0) return addresses
  const failures = answers.flatMap((answer): unknown[] => (answer.status === 'rejected' ? [answer.reason] : []))
  const unsaid = failures.find((failure) => !NO_ANSWER.has(codeOf(failure)))
  // Another name (CNAME) for one without addresses is an answer, and holds none.
  if (unsaid === undefined) throw failures[0] ?? coded('ENODATA', `no address for ${name}`)
  // A refused question, or none answered in time, tells of the name server: the receiver has refused nothing.
  throw coded('EAI_AGAIN', 'no name server could say', unsaid)
}

/** Becomes no addresses, some time after a question has had any; never where none has. */
function graceAfterFirst(questions: readonly Promise<string[]>[], graceMs: number): Promise<string[]> {
  return new Promise((resolve) => {
    for (const question of questions) {
      const begin = (found: string[]) => void (found.length > 0 && setTimeout(resolve, graceMs, []).unref())
      question.then(begin, () => {})
    }
  })
}

function coded(code: string, message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code })
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null
}
