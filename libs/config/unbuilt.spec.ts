import 'reflect-metadata'
import { expect, it } from 'vitest'
import { faultsOf, load } from './project.spec.support.js'

it.each([
  [{ checkpointer: { path: './saver.ts:saver' } }, 'checkpointer.path'],
  [{ checkpointer: { serde: { pickle_fallback: false } } }, 'checkpointer.serde'],
  [{ ui: { a: './a.tsx' } }, 'ui'],
  [{ ui_config: { shared: [] } }, 'ui_config'],
])('warns that %j is not used yet', (content, key) => {
  expect(load(content).warnings).toEqual([expect.stringContaining(`${key} is not used yet by this version.`)])
  expect(load({}, { LANGGRAPH_UI: '{}' }).warnings).toEqual([
    'environment: LANGGRAPH_UI is not used yet by this version.',
  ])
})

it('refuses what is not built, where ignoring it would open a door', () => {
  const { lines } = faultsOf(() => load({ encryption: { path: './e.ts:e' } }, { LANGGRAPH_ENCRYPTION: '{}' }))
  expect(lines).toEqual(
    ['encryption', 'LANGGRAPH_ENCRYPTION'].map((key) => `${key} is not supported yet by this version`),
  )
})
