import { ConfigFaults } from '#config'
import { GraphLoadFaults } from '#graphs'
import { AppError } from '#kernel'
import { ProjectFaults } from './load-project.js'

/** What an operator is told about a start that failed; null when it is a fault of the program, which needs its stack. */
export function startFaultText(thrown: unknown): string | null {
  if (thrown instanceof GraphLoadFaults)
    return ['Not every graph could be loaded:', ...listed(thrown.faults)].join('\n')
  if (thrown instanceof ConfigFaults || thrown instanceof AppError) return thrown.message
  return null
}

function listed(faults: readonly string[]): string[] {
  return faults.map((fault) => `- ${fault}`)
}

/** Tells it on standard error; of several faults each. */
export function tellStartFault(thrown: unknown): void {
  if (thrown instanceof ProjectFaults) return thrown.faults.forEach(tellStartFault)
  const unforeseen = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
  process.stderr.write(`${startFaultText(thrown) ?? `signalbox could not start: ${unforeseen}`}\n`)
}
