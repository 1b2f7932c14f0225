import { DURATION_REMEDY, parseDurationMs } from './durations.js'
import type { EnvBlock } from './env-block.js'
import { type Findings, Place } from './findings.js'

/** The variables of a process by name. */
export type Variables = Readonly<Record<string, string | undefined>>

/** Bounds of a number, inclusive. */
export interface Range {
  readonly min: number
  readonly max?: number
}

/** The variables in force: a real one that is not empty wins over `env` of `langgraph.json`; an empty one is unset. */
export class Environment {
  constructor(
    private readonly real: Variables,
    private readonly block: EnvBlock,
    private readonly findings: Findings,
  ) {}

  /** The value of a variable; undefined when it is unset or empty. */
  value(name: string): string | undefined {
    const real = this.#real(name)
    if (real !== undefined) return real
    const own = Object.hasOwn(this.block.values, name) ? this.block.values[name] : undefined
    return own === '' ? undefined : own
  }

  /** Where a variable gets its value, for faults. */
  place(name: string): Place {
    const isOwn = this.#real(name) === undefined && Object.hasOwn(this.block.values, name)
    return isOwn ? this.block.place.child(name) : new Place('environment', name)
  }

  /** The names of all variables that are set. */
  names(): string[] {
    const all = new Set([...Object.keys(this.real), ...Object.keys(this.block.values)])
    return [...all].filter((name) => this.value(name) !== undefined).toSorted()
  }

  /** A whole number in a range. */
  integer<Fallback>(name: string, fallback: Fallback, range: Range): number | Fallback {
    return this.read(name, fallback, (text) => integerOf(text, range), integerRule(range), 'Write digits only.')
  }

  /** A duration in ms, written with its unit; `minMs` is the least that is taken. */
  durationMs<Fallback>(name: string, fallback: Fallback, minMs = 1): number | Fallback {
    const parse = (text: string): number | null => atLeast(minMs, parseDurationMs(text))
    const problem = minMs === 0 ? 'is not a duration' : `is not a duration of at least ${minMs} ms`
    return this.read(name, fallback, parse, problem, DURATION_REMEDY)
  }

  /** `1` or `true`, `0` or `false`. */
  flag(name: string, fallback: boolean): boolean {
    const parse = (text: string): boolean | null => FLAGS.get(text.trim().toLowerCase()) ?? null
    return this.read(name, fallback, parse, 'is neither 1 nor 0', 'Set it to 1 or 0, or leave it unset.')
  }

  /** What `parse` makes of a variable; when that is null, a fault is recorded and the fallback returned. */
  read<Value, Fallback>(
    name: string,
    fallback: Fallback,
    parse: (text: string) => Value | null,
    problem: string,
    remedy: string,
  ): Value | Fallback {
    const text = this.value(name)
    if (text === undefined) return fallback
    const value = parse(text)
    if (value !== null) return value
    this.findings.fault(this.place(name), problem, remedy)
    return fallback
  }

  #real(name: string): string | undefined {
    const value = Object.hasOwn(this.real, name) ? this.real[name] : undefined
    return value === '' ? undefined : value
  }
}

const FLAGS = new Map([
  ['1', true],
  ['true', true],
  ['0', false],
  ['false', false],
])

/** The text as a whole number in the range; null when it is not. */
export function integerOf(text: string, range: Range): number | null {
  const value = /^\d{1,15}$/.test(text.trim()) ? Number(text) : Number.NaN
  return value >= range.min && value <= (range.max ?? Number.MAX_SAFE_INTEGER) ? value : null
}

/** The sentence part that says what a number must be. */
export function integerRule({ min, max }: Range): string {
  return `must be a whole number ${max === undefined ? `of at least ${min}` : `from ${min} to ${max}`}`
}

function atLeast(min: number, value: number | null): number | null {
  return value === null || value < min ? null : value
}
