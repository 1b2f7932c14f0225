import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { newId } from '#kernel'
import { parseDto } from '#http'
import type { RunRequest } from '../run-request.js'
import { runRequest } from '../runs.spec.support.js'
import { CreateRunDto } from './create-run.dto.js'
import { toRunRequest } from './to-run-request.js'

function read(body: object): RunRequest {
  return toRunRequest(parseDto(CreateRunDto, { assistant_id: 'graph', ...body }), {})
}

const FIELDS = [
  'input',
  'command',
  'metadata',
  'config',
  'context',
  'checkpoint',
  'checkpoint_id',
  'stream_mode',
  'stream_subgraphs',
  'stream_resumable',
  'feedback_keys',
  'interrupt_before',
  'interrupt_after',
  'webhook',
  'multitask_strategy',
  'if_not_exists',
  'after_seconds',
  'on_disconnect',
  'on_completion',
  'durability',
  'checkpoint_during',
]

describe('a request for a run', () => {
  it('has the contract’s defaults', () => {
    expect(read({})).toEqual(runRequest())
  })

  it('takes null for absent in every field', () => {
    expect(read(Object.fromEntries(FIELDS.map((field) => [field, null])))).toEqual(runRequest())
  })

  it.each([
    [{ stream_mode: 'updates' }, { streamModes: ['updates'] }],
    [{ stream_mode: ['updates', 'values', 'updates'] }, { streamModes: ['updates', 'values'] }],
    [{ stream_mode: [] }, { streamModes: ['values'] }],
    [{ feedback_keys: 'up' }, { feedbackKeys: ['up'] }],
    [
      { interrupt_before: '*', interrupt_after: ['a', 'b'] },
      { interruptBefore: '*', interruptAfter: ['a', 'b'] },
    ],
    [{ on_completion: 'keep' }, { onCompletion: 'keep' }],
    [{ on_completion: 'continue' }, { onCompletion: 'keep' }],
    [{ on_completion: 'complete' }, { onCompletion: 'delete' }],
    [{ checkpoint_during: false }, { durability: 'exit' }],
    [{ checkpoint_during: true }, { durability: 'async' }],
    [{ checkpoint_during: false, durability: 'sync' }, { durability: 'sync' }],
    [{ command: { resume: 0, update: null, goto: null } }, { command: { resume: 0 } }],
    [{ config: { tags: null, recursion_limit: 3 } }, { config: { recursion_limit: 3 } }],
    [{ input: 0 }, { input: 0 }],
    [{ input: false }, { input: false }],
    [{ after_seconds: 0.5 }, { afterSeconds: 0.5 }],
  ])('%j means %j', (body, expected) => {
    expect(read(body)).toMatchObject(expected)
  })

  it('forks from `checkpoint`, which wins over `checkpoint_id`, and takes no thread from it', () => {
    const [older, newer] = [newId(), newId()]
    expect(read({ checkpoint_id: older }).checkpoint).toEqual({ checkpoint_id: older })
    const checkpoint = { checkpoint_id: newer, checkpoint_ns: 'a', checkpoint_map: { a: 'b' }, thread_id: newId() }
    const { thread_id: _, ...fork } = checkpoint
    expect(read({ checkpoint, checkpoint_id: older }).checkpoint).toEqual(fork)
    expect(read({ checkpoint: { checkpoint_ns: 'a' }, checkpoint_id: older }).checkpoint).toEqual({
      checkpoint_id: older,
      checkpoint_ns: 'a',
    })
  })

  it.each([
    [{ checkpoint: { checkpoint_id: 3 } }, 'checkpoint.checkpoint_id: must be a string'],
    [{ checkpoint: { checkpoint_ns: {} } }, 'checkpoint.checkpoint_ns: must be a string'],
    [{ checkpoint: { checkpoint_map: 'x' } }, 'checkpoint.checkpoint_map: must be an object'],
    [{ checkpoint: { checkpoint_id: 'latest' } }, 'Invalid checkpoint ID: must be a UUID'],
    [{ checkpoint_id: 'latest' }, 'Invalid checkpoint ID: must be a UUID'],
  ])('refuses the fork point %j', (body, message) => {
    expect(() => read(body)).toThrow(message)
  })

  it('carries what the headers brought', () => {
    const dto = parseDto(CreateRunDto, { assistant_id: 'graph' })
    expect(toRunRequest(dto, { 'x-trace': '1' }).injected).toEqual({ 'x-trace': '1' })
  })
})
