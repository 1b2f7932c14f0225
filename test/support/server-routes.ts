import { loadSettings, type Settings } from '#config'
import { JsonLogger } from '#kernel'
import { freshDatabase } from '#testing'
import { createApp } from '../../apps/server/create-app.js'
import { PROJECT } from './server-process.js'

/** One route as the server registered it. */
export interface ServerRoute {
  readonly method: string
  /** With parameters as `{name}`; `*` takes the rest. */
  readonly path: string
}

/** Every route of the server with all that can be switched on, asked from Fastify itself. */
export async function serverRoutes(): Promise<readonly ServerRoute[]> {
  const database = await freshDatabase()
  const environment = { SIGNALBOX_INSPECTOR: '1' }
  const loaded = loadSettings({ mode: 'dev', configFile: PROJECT, environment, port: 0 })
  const settings: Settings = Object.assign({}, loaded, { graphs: [], database: database.settings })
  const app = await createApp({ settings, logger: JsonLogger.create('silent') })
  try {
    await app.getHttpAdapter().getInstance().ready()
    return parseTree(app.getHttpAdapter().getInstance().printRoutes({ commonPrefix: false }))
  } finally {
    await app.close()
    await database.remove()
  }
}

/** Fastify prints a tree: four characters of indent for each level, the methods in brackets. */
function parseTree(tree: string): ServerRoute[] {
  const ancestors: string[] = []
  return tree.split('\n').flatMap((line) => {
    const match = /^((?:│ {3}| {4})*)[├└]── (\S*)(?: \(([A-Z, ]+)\))?/u.exec(line)
    if (!match) return []
    const [, indent = '', segment = '', methods = ''] = match
    const level = indent.length / 4
    ancestors.length = level
    ancestors.push(segment)
    const path = ancestors
      .join('')
      .replaceAll(/:([a-z_]+)/g, '{$1}')
      .replace(/([^/])\*$/, '$1/*')
    return methods === '' ? [] : methods.split(', ').map((method) => ({ method, path }))
  })
}
