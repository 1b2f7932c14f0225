import 'reflect-metadata'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { faultsOf, lastFolder, load } from './project.spec.support.js'

const files = { 'embed.ts': 'export const embed = 1' }
const INDEX = { dims: 3, embed: './embed.ts:embed' }

it('reads every key', () => {
  const ttl = { default_ttl: 1.5, refresh_on_read: false, sweep_interval_minutes: 10 }
  const store = { index: { ...INDEX, fields: ['title', 'parts[*].text'] }, ttl }
  const settings = load({ store }, {}, { files })
  expect(settings.warnings).toEqual([])
  expect(settings.store).toEqual({
    index: {
      dims: 3,
      embed: { file: join(lastFolder(), 'embed.ts'), exportName: 'embed' },
      fields: ['title', 'parts[*].text'],
    },
    defaultTtlMinutes: 1.5,
    refreshOnRead: false,
    sweepIntervalMinutes: 10,
  })
})

it('takes the whole value where no fields are named, and null for absent', () => {
  expect(load({ store: { index: INDEX, ttl: null } }, {}, { files }).store.index?.fields).toEqual(['$'])
  expect(load({ store: null }).store).toMatchObject({ index: null, defaultTtlMinutes: null, refreshOnRead: true })
})

it.each([
  [{ index: { embed: INDEX.embed } }, 'store.index.dims must be a whole number from 1 to 16000'],
  [{ index: { ...INDEX, dims: 1.5 } }, 'store.index.dims must be a whole number from 1 to 16000'],
  [{ index: { ...INDEX, dims: 20_000 } }, 'store.index.dims must be a whole number from 1 to 16000'],
  [{ index: { dims: 3 } }, 'store.index.embed must be a string that names a function'],
  [{ index: { dims: 3, embed: './embed.ts' } }, 'store.index.embed must name a file and an export of it'],
  [{ index: { dims: 3, embed: './no.ts:embed' } }, 'store.index.embed names a file that does not exist'],
  [
    { index: { dims: 3, embed: 'openai:text_embedding' } },
    'store.index.embed names a file that is neither TypeScript nor JavaScript',
  ],
  [{ index: { ...INDEX, fields: [] } }, 'store.index.fields must name at least one path, and none may be empty'],
  [{ ttl: { default_ttl: 0 } }, 'store.ttl.default_ttl must be a number of minutes above 0, at most 52560000'],
  [{ ttl: { default_ttl: 'x' } }, 'store.ttl.default_ttl must be a number'],
  [
    { ttl: { sweep_interval_minutes: -1 } },
    'store.ttl.sweep_interval_minutes must be a number of minutes above 0, at most 10080',
  ],
  [{ ttl: { refresh_on_read: 'no' } }, 'store.ttl.refresh_on_read must be a boolean'],
])('refuses %j', (store, expected) => {
  expect(faultsOf(() => load({ store }, {}, { files })).lines).toEqual([expected])
})

it('is replaced by LANGGRAPH_STORE, whose paths are relative to the project too', () => {
  const own = load(
    { store: { ttl: { default_ttl: 0 } } },
    { LANGGRAPH_STORE: JSON.stringify({ index: INDEX }) },
    { files },
  )
  expect(own.store).toMatchObject({
    index: { embed: { file: join(lastFolder(), 'embed.ts') } },
    defaultTtlMinutes: null,
  })
  const { lines, where } = faultsOf(() => load({}, { LANGGRAPH_STORE: '{"ttl":{"default_ttl":0}}' }))
  expect([lines, where]).toEqual([
    ['LANGGRAPH_STORE.ttl.default_ttl must be a number of minutes above 0, at most 52560000'],
    ['environment'],
  ])
})
