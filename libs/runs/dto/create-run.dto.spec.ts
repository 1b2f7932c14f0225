import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { AppError, newId } from '#kernel'
import { parseDto } from '#http'
import { CreateRunDto } from './create-run.dto.js'

function fault(body: object): { status: number; message: string } {
  try {
    parseDto(CreateRunDto, { assistant_id: 'graph', ...body })
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error(`accepted: ${JSON.stringify(body)}`)
}

/** Each field with values that break its rule. */
const REFUSED: Record<string, readonly unknown[]> = {
  assistant_id: [null, '', 3, {}, ['graph'], true],
  command: ['resume', 3, [], true],
  metadata: ['text', 3, [], true],
  config: ['text', 3, [], true],
  context: ['text', 3, [], true],
  checkpoint: ['text', 3, [], true],
  checkpoint_id: [3, {}, [], true],
  stream_mode: ['value', 3, {}, true, ['values', 'nope'], [3], [null], [['values']], ''],
  stream_subgraphs: ['true', 1, {}, []],
  stream_resumable: ['true', 1, {}, []],
  feedback_keys: [3, {}, true, [3], [null]],
  interrupt_before: ['node', '', 3, {}, true, [3], [null]],
  interrupt_after: ['node', '', 3, {}, true, [3], [null]],
  webhook: [3, {}, ['https://example.com'], true],
  multitask_strategy: ['', 'cancel', 'REJECT', 3, ['reject'], {}],
  if_not_exists: ['', 'raise', 3, ['create']],
  after_seconds: [-1, '5', 1e300, Number.POSITIVE_INFINITY, Number.NaN, {}, [1], true],
  on_disconnect: ['', 'stop', 3, ['cancel']],
  on_completion: ['', 'remove', 3, ['keep']],
  durability: ['', 'always', 3, ['sync']],
  checkpoint_during: ['true', 0, {}, []],
}

describe('the body that creates a run', () => {
  const cases = Object.entries(REFUSED).flatMap(([field, values]) => values.map((value) => ({ field, value })))

  it.each(cases)('refuses $field: $value, naming the field', ({ field, value }) => {
    const { status, message } = fault({ [field]: value })
    expect(status).toBe(422)
    expect(message).toMatch(new RegExp(`^${field}: `))
  })

  it.each([
    ['config.recursion_limit', { config: { recursion_limit: 0 } }],
    ['config.recursion_limit', { config: { recursion_limit: 1.5 } }],
    ['config.recursion_limit', { config: { recursion_limit: '3' } }],
    ['config.configurable', { config: { configurable: 'x' } }],
    ['config.metadata', { config: { metadata: [] } }],
    ['config.tags', { config: { tags: 'x' } }],
    ['config.tags', { config: { tags: [1] } }],
  ])('refuses a wrong %s, naming it: %j', (place, body) => {
    const { status, message } = fault(body)
    expect(status).toBe(422)
    expect(message).toContain(place)
  })

  it('names several faults at once', () => {
    const { message } = fault({ webhook: 1, after_seconds: -1 })
    expect(message).toContain('webhook: ')
    expect(message).toContain('after_seconds: ')
  })

  it('takes everything that the contract allows', () => {
    const body = {
      assistant_id: 'graph',
      input: ['any', { json: true }],
      command: { resume: 1, update: [['a', 1]], goto: { node: 'n', input: {} } },
      metadata: {},
      config: { tags: ['t'], recursion_limit: 1, configurable: {}, metadata: {}, max_concurrency: 3 },
      context: { a: 1 },
      checkpoint: { checkpoint_id: newId(), checkpoint_ns: '', checkpoint_map: { '': newId() } },
      checkpoint_id: newId(),
      stream_mode: [
        'values',
        'messages',
        'messages-tuple',
        'updates',
        'events',
        'tasks',
        'checkpoints',
        'debug',
        'custom',
      ],
      feedback_keys: ['a'],
      interrupt_before: '*',
      interrupt_after: [],
      webhook: 'https://example.com/hook',
      multitask_strategy: 'rollback',
      if_not_exists: 'create',
      after_seconds: 0,
      on_disconnect: 'cancel',
      on_completion: 'complete',
      durability: 'sync',
      checkpoint_during: true,
      assistantId: 'camelCase leftovers are ignored',
    }
    expect(parseDto(CreateRunDto, body)).toMatchObject({ webhook: body.webhook, stream_mode: body.stream_mode })
  })
})
