import 'reflect-metadata'
import { expect, it } from 'vitest'
import { examineSettings } from './load-settings.js'
import { GRAPHS, project } from './project.spec.support.js'

it('gives the graphs beside the faults of other blocks, so that both can be told at once', () => {
  const configFile = project({ graphs: GRAPHS, webhooks: { headers: 1 } })
  const { settings, faults } = examineSettings({ mode: 'start', configFile, environment: {} })
  expect(faults.map(({ key }) => key)).toEqual(['webhooks.headers'])
  expect(settings.graphs.map(({ graphId }) => graphId)).toEqual(Object.keys(GRAPHS))
})
