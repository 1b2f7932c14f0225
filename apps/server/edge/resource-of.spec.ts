import { expect, it } from 'vitest'
import { resourceOf } from './resource-of.js'

it.each([
  ['assistants/a/graph', 'assistants'],
  ['threads', 'threads'],
  ['threads/t/state', 'threads'],
  ['threads/t/runs', 'runs'],
  ['threads/t/runs/r/stream', 'runs'],
  ['thread/t/runs/wait', 'runs'],
  ['runs/wait', 'runs'],
  ['store/items', 'store'],
  ['info', 'meta'],
  ['openapi.json', 'meta'],
  ['ok', null],
  ['', null],
  ['health/ready', null],
  ['constructor', null],
])('%s belongs to %s', (path, resource) => {
  expect(resourceOf(path.split('/'))).toBe(resource)
})
