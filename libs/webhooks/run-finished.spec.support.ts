import type { RunFinished } from '#events'

/** What a spec wants different. */
export type RunFinishedChange = Partial<Omit<RunFinished, 'run'>> & {
  readonly runId?: string
  readonly kwargs?: Record<string, unknown>
}

/** A run that has ended well, with values and without a webhook. */
export function runFinished({ runId, kwargs, ...change }: RunFinishedChange = {}): RunFinished {
  return {
    run: {
      run_id: runId ?? '0195a000-0000-7000-8000-000000000001',
      thread_id: '0195a000-0000-7000-8000-000000000002',
      assistant_id: '0195a000-0000-7000-8000-000000000003',
      created_at: '2026-03-01T11:59:59.000Z',
      updated_at: '2026-03-01T12:00:01.000Z',
      metadata: { who: 'spec' },
      status: 'running',
      kwargs: kwargs ?? { input: { q: 'hello' }, config: {} },
      multitask_strategy: 'enqueue',
    },
    status: 'success',
    valuesJson: '{"answer":42}',
    error: null,
    startedAt: new Date('2026-03-01T12:00:00.000Z'),
    endedAt: new Date('2026-03-01T12:00:01.000Z'),
    webhook: null,
    threadStatus: 'idle',
    threadMetadata: {},
    ...change,
  }
}
