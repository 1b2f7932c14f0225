/** Several things that are wrong with the project's code. */
export class ProjectFaults extends Error {
  constructor(readonly faults: readonly unknown[]) {
    super('the project cannot be loaded')
    this.name = 'ProjectFaults'
  }
}

/**
 * Loads the project's code, one part after the other: what is wrong with one does not hide what is wrong with the next.
 * @throws what one of them throws, and ProjectFaults where several do.
 */
export async function loadProject(parts: readonly (() => Promise<unknown>)[]): Promise<void> {
  const faults: unknown[] = []
  for (const load of parts) await load().catch((fault: unknown) => faults.push(fault))
  if (faults.length > 1) throw new ProjectFaults(faults)
  if (faults.length > 0) throw faults[0]
}
