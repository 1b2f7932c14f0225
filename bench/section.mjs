// A section of the measurement: what it recorded, and what failed in it.
import { quantile } from './support/statistics.mjs'

/**
 * @typedef {object} Row
 * @property {string} id
 * @property {string} label
 * @property {string} unit
 * @property {number} [digits] after the decimal point, 1 unless told
 *
 * @typedef {object} SectionPlan
 * @property {string} id
 * @property {string} title
 * @property {string} about what was done, for the reader of the page
 * @property {Row[]} rows
 * @property {Record<string, string>} columns contestant → heading
 * @property {(section: Section) => Promise<void>} run
 *
 * @typedef {object} Bench
 * @property {import('./support/workbench.mjs').Workbench} workbench
 * @property {any} receiver
 * @property {import('./options.mjs').Scale} scale
 */

/** Collects the samples of one section; nothing that fails in it leaves it. */
export class Section {
  /** @type {Record<string, Record<string, number[]>>} row → contestant → samples */
  #samples = {}
  /** @type {{ who: string, message: string }[]} */
  #failures = []

  /**
   * @param {SectionPlan} plan
   * @param {Bench} bench
   */
  constructor(plan, bench) {
    this.plan = plan
    this.workbench = bench.workbench
    this.receiver = bench.receiver
    this.scale = bench.scale
    /** What the section says about how it was done, when it depends on the run. @type {string[]} */
    this.notes = []
  }

  /** Does all of it; resolves to what can be written down. */
  async run() {
    const from = performance.now()
    await this.attempt('', () => this.plan.run(this))
    const { id, title, about, rows, columns } = this.plan
    const seconds = Math.round((performance.now() - from) / 1000)
    return {
      id,
      title,
      about,
      rows,
      columns,
      seconds,
      notes: this.notes,
      samples: this.#samples,
      failures: this.#failures,
    }
  }

  /**
   * One sample; what could not be measured is left out.
   * @param {string} row
   * @param {string} who
   * @param {number | null} value
   */
  record(row, who, value) {
    if (value === null || !Number.isFinite(value)) return
    const ofRow = (this.#samples[row] ??= {})
    ;(ofRow[who] ??= []).push(value)
    console.log(`  ${this.plan.id} · ${row} · ${this.plan.columns[who] ?? who}: ${value.toPrecision(4)}`)
  }

  /**
   * Median and p99 of the times of a round, as the rows `…Median` and `…P99`.
   * @param {string} row
   * @param {string} who
   * @param {number[]} times ms
   */
  recordTimes(row, who, times) {
    this.record(`${row}Median`, who, quantile(times, 0.5))
    this.record(`${row}P99`, who, quantile(times, 0.99))
  }

  /**
   * Does `work`; a failure is noted down. Resolves to whether it succeeded.
   * @param {string} who
   * @param {() => unknown} work
   */
  async attempt(who, work) {
    try {
      await work()
      return true
    } catch (error) {
      this.fail(who, error)
      return false
    }
  }

  /**
   * @param {string} who
   * @param {Error} error
   */
  fail(who, error) {
    const message = String(error?.message ?? error).slice(0, 300)
    console.error(`  ${this.plan.id} · ${who} FAILED: ${message}`)
    this.#failures.push({ who, message })
  }

  /**
   * Measures all contestants in turns, A B C A B C; one that fails is left out of what follows.
   * @template {{ id: string }} C
   * @param {readonly C[]} contestants
   * @param {number} rounds
   * @param {(contestant: C, round: number) => Promise<void>} measure
   */
  async inTurns(contestants, rounds, measure) {
    const out = new Set()
    for (let round = 0; round < rounds; round += 1) {
      for (const contestant of contestants) {
        if (out.has(contestant)) continue
        const isMeasured = await this.attempt(contestant.id, () => measure(contestant, round))
        if (!isMeasured) out.add(contestant)
      }
    }
  }
}
