/** Where in Redis something of this installation is kept, and by which channel its changes are told. */
export interface Place {
  readonly key: string
  readonly channel: string
}

/** The events of a run. */
export function runPlace(prefix: string, runId: string): Place {
  return { key: `${prefix}run:${runId}`, channel: `${prefix}told:run:${runId}` }
}

/** The facts of a thread. */
export function threadPlace(prefix: string, threadId: string): Place {
  return { key: `${prefix}thread:${threadId}`, channel: `${prefix}told:thread:${threadId}` }
}
