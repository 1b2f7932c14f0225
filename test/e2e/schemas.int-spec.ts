import 'reflect-metadata'
import { resolve } from 'node:path'
import { Client } from '@langchain/langgraph-sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshDatabase, type TestDatabaseSettings } from '#testing'
import { ServerProcess } from '../support/server-process.js'

const CONFIG = resolve(import.meta.dirname, '../fixtures/types/langgraph.json')
const $schema = 'http://json-schema.org/draft-07/schema#'

let fresh: TestDatabaseSettings
let server: ServerProcess
let client: Client
beforeAll(async () => {
  fresh = await freshDatabase()
  server = await ServerProcess.start({ config: CONFIG, database: fresh.settings })
  client = new Client({ apiUrl: server.url })
})
afterAll(async () => {
  await server.stop()
  await fresh.remove()
})

/** The id of the assistant that a graph has by itself. */
async function assistantOf(graphId: string): Promise<string> {
  const [assistant] = await client.assistants.search({ graphId })
  return assistant!.assistant_id
}

async function schemasOf(graphId: string) {
  return client.assistants.getSchemas(await assistantOf(graphId))
}

describe('schemas by the official client', () => {
  it('describe an annotated graph by its TypeScript source, while the server goes on answering', async () => {
    const reading = schemasOf('typed')
    expect(await (await fetch(`${server.url}/ok`)).json()).toEqual({ ok: true })
    const schemas = await reading
    expect(schemas).toMatchObject({
      graph_id: 'typed',
      state_schema: {
        $schema,
        properties: {
          messages: { type: 'array', langgraph_type: 'messages' },
          topic: { type: 'string', description: 'What it is about.' },
          tree: { $ref: '#/definitions/Tree' },
        },
        definitions: { Tree: { type: 'object' } },
      },
      input_schema: { $schema, properties: { topic: { type: 'string' } } },
      output_schema: { $schema, properties: { count: { type: 'number' } }, required: ['count'] },
      context_schema: { $schema, properties: { model: { enum: ['small', 'large'] } } },
    })
    expect(schemas.config_schema).toEqual(schemas.context_schema)
  })

  it('describe what a factory makes, its context null', async () => {
    const { input_schema, context_schema } = await schemasOf('made')
    expect([input_schema, context_schema]).toMatchObject([{ properties: { topic: { type: 'string' } } }, null])
  })

  it('mix zod and TypeScript, each part by what tells more', async () => {
    const { state_schema, input_schema } = await schemasOf('mixed')
    expect(state_schema).toMatchObject({ properties: { n: { type: 'integer' } } })
    expect(input_schema).toMatchObject({ properties: { topic: { type: 'string' } } })
  })

  it('know of JavaScript the names of the channels', async () => {
    const { state_schema, config_schema } = await schemasOf('plain')
    expect([state_schema, config_schema]).toEqual([{ $schema, type: 'object', properties: { topic: {} } }, null])
  })

  it('describe subgraphs under both sets of keys, by a namespace that is raw or encoded', async () => {
    const id = await assistantOf('outer')
    const depth = { $schema, type: 'object', properties: { depth: { type: 'number' } }, required: ['depth'] }
    const all = await client.assistants.getSubgraphs(id, { recurse: true })
    expect(Object.keys(all)).toEqual(['first', 'first|below', 'second'])
    expect(all['first|below']).toMatchObject({ state: depth, state_schema: depth, output_schema: depth })
    const below = { 'first|below': all['first|below'] }
    expect(await client.assistants.getSubgraphs(id, { namespace: 'first|below' })).toEqual(below)
    const encoded = await fetch(`${server.url}/assistants/${id}/subgraphs/first%7Cbelow?recurse=false`)
    expect(await encoded.json()).toEqual(below)
  })

  it('are refused for an unknown assistant', async () => {
    await expect(client.assistants.getSchemas(crypto.randomUUID())).rejects.toThrow('HTTP 404')
  })
})

it('a deadline that is too short leaves the names of the channels, and one line in the log', async () => {
  const database = await freshDatabase()
  const hurried = await ServerProcess.start({
    config: CONFIG,
    database: database.settings,
    environment: { LANGGRAPH_SCHEMA_RESOLVE_TIMEOUT_MS: '1' },
  })
  try {
    const { assistants } = new Client({ apiUrl: hurried.url })
    const [assistant] = await assistants.search({ graphId: 'typed' })
    const { output_schema } = await assistants.getSchemas(assistant!.assistant_id)
    expect(output_schema).toEqual({ $schema, type: 'object', properties: { count: {} } })
    await assistants.getSchemas(assistant!.assistant_id)
    expect(hurried.output.filter((line) => line.includes('cannot be read from their source'))).toHaveLength(1)
  } finally {
    await hurried.stop()
    await database.remove()
  }
})
