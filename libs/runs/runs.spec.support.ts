import { newId } from '#kernel'
import type { RunRequest } from './run-request.js'
import type { Run, RunKwargs } from './run.js'

/** A request with every default, and what a spec wants different. */
export function runRequest(change: Partial<RunRequest> = {}): RunRequest {
  return {
    assistantId: 'graph',
    input: null,
    command: null,
    metadata: {},
    config: {},
    context: {},
    checkpoint: {},
    streamModes: ['values'],
    streamSubgraphs: false,
    streamResumable: false,
    feedbackKeys: null,
    interruptBefore: null,
    interruptAfter: null,
    webhook: null,
    multitaskStrategy: 'enqueue',
    ifNotExists: 'reject',
    afterSeconds: 0,
    onDisconnect: 'continue',
    onCompletion: 'delete',
    durability: 'async',
    injected: {},
    ...change,
  }
}

/** How a run was asked for, when nothing special was. */
export function runKwargs(change: Partial<RunKwargs> = {}): RunKwargs {
  return {
    input: null,
    command: null,
    config: { configurable: {}, metadata: {} },
    context: {},
    stream_mode: ['values'],
    interrupt_before: null,
    interrupt_after: null,
    webhook: null,
    feedback_keys: null,
    temporary: false,
    subgraphs: false,
    resumable: false,
    durability: 'async',
    ...change,
  }
}

/** A pending run, and what a spec wants different. */
export function aRun(change: Partial<Run> = {}): Run {
  const createdAt = new Date('2026-01-01T00:00:00.000Z')
  return {
    runId: newId(),
    threadId: newId(),
    assistantId: newId(),
    status: 'pending',
    metadata: {},
    kwargs: runKwargs(),
    injected: { graph_id: 'graph' },
    multitaskStrategy: 'enqueue',
    webhook: null,
    temporary: false,
    attempt: 0,
    handedBack: 0,
    claimedBy: null,
    cancelAction: null,
    error: null,
    createdAt,
    updatedAt: createdAt,
    startedAt: null,
    ...change,
  }
}
