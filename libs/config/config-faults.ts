/** One thing that is wrong. Never holds a value: not of a variable, not of a header. */
export interface ConfigFault {
  /** The file, `environment` or `command line`. */
  readonly where: string
  /** JSON path (`webhooks.headers.Authorization`), variable name or option; empty for the whole file. */
  readonly key: string
  /** What is wrong, as the rest of a sentence. */
  readonly problem: string
  /** How to mend it: a sentence. */
  readonly remedy: string
}

/** Thrown by `loadSettings`: its message lists every fault at once, a line each. */
export class ConfigFaults extends Error {
  constructor(readonly faults: readonly ConfigFault[]) {
    super([heading(faults.length), ...faults.map(describeFault)].join('\n'))
    this.name = 'ConfigFaults'
  }
}

function heading(count: number): string {
  return `The configuration cannot be used (${count} ${count === 1 ? 'fault' : 'faults'}):`
}

function describeFault({ where, key, problem, remedy }: ConfigFault): string {
  return `- ${where}: ${key === '' ? '' : `${key} `}${problem}. ${remedy}`
}
