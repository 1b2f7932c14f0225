import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { runFinished } from './run-finished.spec.support.js'
import { buildWebhookBody } from './webhook-body.js'

const NOW = new Date('2026-03-01T12:00:02.000Z')
const parse = (bytes: Buffer) => JSON.parse(bytes.toString('utf8')) as Record<string, unknown>
const build = (over: Parameters<typeof runFinished>[0] = {}, maxBytes = 10_000) =>
  buildWebhookBody(runFinished(over), NOW, maxBytes)

describe('buildWebhookBody', () => {
  it('is the run with its final status, its values and its times', () => {
    const event = runFinished({ status: 'success', valuesJson: '{"messages":["hi"]}' })
    expect(parse(build({ status: 'success', valuesJson: '{"messages":["hi"]}' }))).toEqual({
      ...event.run,
      status: 'success',
      values: { messages: ['hi'] },
      run_started_at: '2026-03-01T12:00:00.000Z',
      run_ended_at: '2026-03-01T12:00:01.000Z',
      webhook_sent_at: '2026-03-01T12:00:02.000Z',
    })
  })

  it('keeps the values as they were written, and a stable order', () => {
    const text = build({ valuesJson: '{"n":12345678901234567890,"x":1.0}' }).toString()
    expect(text).toContain('"values":{"n":12345678901234567890,"x":1.0}')
    const order = ['run_id', 'thread_id', 'status', 'kwargs', 'values', 'run_started_at', 'webhook_sent_at']
    expect(order.map((name) => text.indexOf(`"${name}":`))).toEqual(
      order.map((name) => text.indexOf(`"${name}":`)).toSorted((a, b) => a - b),
    )
  })

  it('has no values where there are none, and null for a run that never started', () => {
    const body = parse(build({ status: 'rollback', valuesJson: null, startedAt: null }))
    expect(body).not.toHaveProperty('values')
    expect(body).not.toHaveProperty('values_omitted')
    expect(body).toMatchObject({ status: 'rollback', run_started_at: null })
  })

  it('tells the message of the error, only where the run failed', () => {
    const error = { error: 'CustomError', message: 'Boo!' }
    expect(parse(build({ status: 'error', error }))).toMatchObject({ status: 'error', error: 'Boo!' })
    expect(parse(build({ status: 'timeout', error }))).toMatchObject({ error: 'Boo!' })
    expect(parse(build({ status: 'interrupted', error }))).not.toHaveProperty('error')
    expect(parse(build({ status: 'success', error: null }))).not.toHaveProperty('error')
  })

  it('leaves out values that make it too large, then the input', () => {
    const valuesJson = JSON.stringify('v'.repeat(5000))
    const large = parse(build({ valuesJson }, 3000))
    expect(large).toMatchObject({ values_omitted: 'too_large', kwargs: { input: { q: 'hello' } } })
    expect(large).not.toHaveProperty('values')

    const kwargs = { input: 'i'.repeat(5000), config: { a: 1 } }
    const larger = parse(build({ valuesJson, kwargs }, 3000))
    expect(larger).toMatchObject({ values_omitted: 'too_large', kwargs: { config: { a: 1 } } })
    expect(larger['kwargs']).not.toHaveProperty('input')
  })

  it('counts bytes: a body of exactly the limit is whole', () => {
    const whole = build({ valuesJson: '"ü"' })
    expect(build({ valuesJson: '"ü"' }, whole.length)).toEqual(whole)
    expect(parse(build({ valuesJson: '"ü"' }, whole.length - 1))).toHaveProperty('values_omitted')
  })

  it('fails on what JSON cannot write', () => {
    expect(() => build({ kwargs: { input: 1n } })).toThrow()
  })
})
