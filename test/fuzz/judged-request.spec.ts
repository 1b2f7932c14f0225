import { afterAll, beforeAll, expect, it } from 'vitest'
import { Receiver, type ReceiverAnswer } from '#testing'
import { judge } from './judged-request.js'

let receiver: Receiver

beforeAll(async () => {
  receiver = await Receiver.start()
})
afterAll(() => receiver.close())

const request = { method: 'POST', target: '/runs', headers: {}, body: Buffer.from('{}') }

it.each<[string, ReceiverAnswer, string]>([
  ['a 500', { status: 500, body: '{"detail":"no"}' }, 'answered 500: {"detail":"no"}'],
  ['a 422 that is no JSON', { status: 422, body: 'no' }, 'answered 422 with no JSON: no'],
  ['a 404 without a detail', { status: 404, body: '{"message":"no"}' }, 'answered 404 without a detail'],
  ['a stack', { status: 400, body: '{"detail":"Error at f (a.js:1:2)"}' }, 'answered 400 with a stack'],
  ['a connection that is cut', 'reset', 'gave no whole answer'],
  ['half an answer', 'early-close', 'gave no whole answer'],
])('finds fault with %s', async (_, answer, fault) => {
  receiver.answer(answer)
  expect((await judge(receiver.url(''), request)).fault).toContain(fault)
})

it('finds no fault with a refusal in words', async () => {
  receiver.answer({ status: 422, body: '{"detail":"limit: must be an integer number"}' })
  expect(await judge(receiver.url(''), request)).toEqual({ status: 422, fault: null })
})
