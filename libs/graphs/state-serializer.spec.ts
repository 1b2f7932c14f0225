import { AIMessage, HumanMessage, ToolMessage } from '@langchain/core/messages'
import { ChatPromptValue } from '@langchain/core/prompt_values'
import { describe, expect, it } from 'vitest'
import { StateSerializer } from './state-serializer.js'

const serde = new StateSerializer()
const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))
const load = (value: unknown) => serde.loadsTyped('json', encode(value))

async function roundTrip(value: unknown): Promise<unknown> {
  return serde.loadsTyped(...(await serde.dumpsTyped(value)))
}

const record = (id: string[], kwargs: object = {}) => ({ lc: 1, type: 'constructor', id, kwargs })

describe('state values', () => {
  it.each<[string, unknown]>([
    ['an unknown class', record(['langchain', 'no_such', 'Thing'])],
    ['a class of LangChain', record(['langchain_core', 'prompts', 'prompt', 'PromptTemplate'], { template: 'x' })],
    ['a message', record(['langchain_core', 'messages', 'HumanMessage'], { content: 'hi' })],
    ['a secret', { lc: 1, type: 'secret', id: ['HOME'] }],
    [
      'a record of LangGraph',
      { lc: 2, type: 'constructor', id: ['RegExp'], method: null, args: ['(', ''], kwargs: {} },
    ],
    ['nothing of LangGraph', { lc: 2, type: 'undefined' }],
    ['an escaped key', { '~lc': 1, '~~lc': 2, lc: 3 }],
    ['no mark at all', { lc: 'loud and clear' }],
  ])('that look like %s come back as they were, alone and beside a message', async (_, value) => {
    expect(await roundTrip(value)).toEqual(value)
    const inner = [{ deep: [value], message: new HumanMessage('hello') }]
    const [back] = (await roundTrip(inner)) as { deep: unknown[]; message: HumanMessage }[]
    expect(back?.deep).toEqual([value])
    expect(back?.message).toBeInstanceOf(HumanMessage)
  })

  it('that are objects come back as objects', async () => {
    const value = {
      ai: new AIMessage({ content: 'x', tool_calls: [{ name: 't', args: { a: 1 }, id: '1' }] }),
      tool: new ToolMessage({ content: 'r', tool_call_id: '1', artifact: { doc: 1 } }),
      prompt: new ChatPromptValue([new HumanMessage('asked')]),
      map: new Map<string, unknown>([['m', new HumanMessage('in a map')]]),
      set: new Set([1, 2]),
      nested: { expression: /a+/gi, error: new Error('boom'), bytes: new Uint8Array([1, 2]), gone: undefined },
    }
    const back = (await roundTrip(value)) as typeof value
    expect(back).toEqual(value)
    expect(back.ai).toBeInstanceOf(AIMessage)
    expect(back.prompt).toBeInstanceOf(ChatPromptValue)
    expect(back.map.get('m')).toBeInstanceOf(HumanMessage)
  })

  it('that were stored by a reader of such records are read all the same, as plain data', async () => {
    const unknown = record(['langchain', 'chat_models', 'openai', 'ChatOpenAI'], { configuration: { baseURL: 'x' } })
    const prompt = record(['langchain_core', 'prompts', 'prompt', 'PromptTemplate'], { template: 'x' })
    const missing = record(['langchain_core', 'messages', 'NoSuchMessage'])
    const stored = [unknown, prompt, missing, { lc: 1, type: 'secret', id: ['HOME'] }]
    expect(await load(stored)).toEqual(stored)
  })

  it('in a message name no class and no secret', async () => {
    const prompt = record(['langchain_core', 'prompts', 'prompt', 'PromptTemplate'], { template: 'x' })
    const secret = { lc: 1, type: 'secret', id: ['HOME'] }
    const message = record(['langchain_core', 'messages', 'AIMessage'], {
      content: 'hi',
      additional_kwargs: { prompt, secret },
    })
    const back = (await load(message)) as AIMessage
    expect(back).toBeInstanceOf(AIMessage)
    expect(back.additional_kwargs).toEqual({ prompt, secret })
    const again = (await roundTrip(new AIMessage({ content: '', additional_kwargs: { prompt, secret } }))) as AIMessage
    expect(again.additional_kwargs).toEqual({ prompt, secret })
  })

  it('keep bigints as digits beside them, and their own circles', async () => {
    const odd = JSON.parse('{ "lc": 1, "__proto__": { "isAdmin": true } }') as object
    expect(Object.entries((await roundTrip(odd)) as object)).toEqual(Object.entries(odd))
    expect(await roundTrip({ big: 10n, lc: 1 })).toEqual({ big: '10', lc: 1 })
    const circle: Record<string, unknown> = { lc: 1 }
    circle['self'] = circle
    expect(await roundTrip(circle)).toEqual({ lc: 1, self: '[Circular]' })
  })
})
