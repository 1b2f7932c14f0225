import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { aRun, runKwargs } from './runs.spec.support.js'
import { toWireRun } from './wire-run.js'

const SECRET_HEADERS = {
  'x-api-key': 'leak-1',
  'x-admin-key': 'leak-2',
  'x-tenant-id': 'leak-3',
  'x-service-key': 'leak-4',
  authorization: 'leak-5',
  cookie: 'leak-6',
  'x-csrf-token': 'leak-7',
  'X-Hub-Signature': 'leak-8',
  langgraph_auth_user: { identity: 'leak-9' },
  langgraph_auth_user_id: 'leak-10',
  langgraph_auth_permissions: ['leak-11'],
  __pregel_task_id: 'leak-12',
}

describe('the run on the wire', () => {
  it('has the fields of the contract and no others', () => {
    const run = aRun({ metadata: { a: 1 }, webhook: 'https://example.com', error: { error: 'E', message: 'm' } })
    expect(Object.keys(toWireRun(run)).sort()).toEqual(
      [
        'run_id',
        'thread_id',
        'assistant_id',
        'created_at',
        'updated_at',
        'metadata',
        'status',
        'kwargs',
        'multitask_strategy',
      ].sort(),
    )
    expect(toWireRun(run)).toMatchObject({
      run_id: run.runId,
      created_at: '2026-01-01T00:00:00.000Z',
      status: 'pending',
      metadata: { a: 1 },
      multitask_strategy: 'enqueue',
    })
  })

  it('shows what harmless headers brought, and the run’s own ids', () => {
    const run = aRun({ injected: { 'x-trace': 't', 'user-agent': 'curl', run_id: 'r', graph_id: 'g' } })
    expect(toWireRun(run).kwargs['config']).toMatchObject({
      configurable: { 'x-trace': 't', 'user-agent': 'curl', run_id: 'r', graph_id: 'g' },
    })
  })

  it('never shows a secret that a header, the authentication or LangGraph put there', () => {
    expect(JSON.stringify(toWireRun(aRun({ injected: SECRET_HEADERS })))).not.toContain('leak')
  })

  it('never shows one either that the caller put into configurable, config or context', () => {
    const config = { configurable: SECRET_HEADERS, metadata: {}, ...SECRET_HEADERS }
    const run = toWireRun(aRun({ kwargs: runKwargs({ config, context: { ...SECRET_HEADERS, tone: 'warm' } }) }))
    expect(JSON.stringify(run)).not.toContain('leak')
    expect(run.kwargs).toMatchObject({ context: { tone: 'warm' } })
  })

  it('shows the caller’s own configuration, though a word in its name sounds secret', () => {
    const configurable = { max_tokens: 100, session_name: 's', model: 'm' }
    const run = aRun({ kwargs: runKwargs({ config: { configurable, metadata: {} } }) })
    expect(toWireRun(run).kwargs['config']).toMatchObject({ configurable })
  })

  it('leaves the stored run as it is', () => {
    const run = aRun({ injected: SECRET_HEADERS })
    toWireRun(run)
    expect(run.injected).toEqual(SECRET_HEADERS)
  })
})
