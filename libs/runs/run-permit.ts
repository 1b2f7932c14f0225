import type { Assistant } from '#assistants'
import type { Visibility } from '#auth'
import { newId } from '#kernel'
import type { RunRequest } from './run-request.js'

/** What a run may stand on, as far as who asks for it may use that. */
export interface RunPermit {
  readonly runId: string
  /** Of the threads that are there already. */
  readonly threads: Visibility
  readonly usesAssistant: (assistant: Assistant) => boolean
}

/** A request, as a handler has left it, and what it may use. */
export interface PermittedRun {
  readonly request: RunRequest
  readonly permit: RunPermit
}

/** For runs that the server makes by itself: what they may use was found out before. */
export function permitted(request: RunRequest): PermittedRun {
  return { request, permit: { runId: newId(), threads: null, usesAssistant: () => true } }
}
