// The reference's JavaScript dev server, started by its own command and seen only over HTTP.
import { join } from 'node:path'
import { startServerProcess } from '../support/server-process.mjs'
import { layProject } from '../support/workbench.mjs'

let made = 0

/** A fresh project folder for it: what it keeps goes there. @param {import('../support/workbench.mjs').Workbench} workbench */
export function freshProject(workbench) {
  return layProject(workbench.reference, `project-${(made += 1)}`)
}

/**
 * Starts it as for production-like use: no browser, no watching of files.
 * @param {import('../support/workbench.mjs').Workbench} workbench
 * @param {string} project
 * @param {{ jobs?: number }} [how] runs at once; its default is 10, as Signalbox's
 */
export async function startDevServer(workbench, project, { jobs = 10 } = {}) {
  const command = join(workbench.reference, 'node_modules/.bin/langgraphjs')
  const server = await startServerProcess({
    command,
    args: (port) => [
      'dev',
      '--no-browser',
      '--no-reload',
      '--host=127.0.0.1',
      `--port=${port}`,
      `--n-jobs-per-worker=${jobs}`,
      `--config=${join(project, 'langgraph.json')}`,
    ],
    cwd: project,
    environment: { LANGSMITH_TRACING: 'false', LANGGRAPH_CLI_NO_ANALYTICS: '1' },
    log: workbench.log('dev-server'),
  })
  return { ...server, kind: 'server', id: 'reference' }
}

/**
 * A server in a fresh folder.
 * @param {import('../support/workbench.mjs').Workbench} workbench
 * @param {Parameters<typeof startDevServer>[2]} [how]
 */
export function devServerOnFresh(workbench, how) {
  return startDevServer(workbench, freshProject(workbench), how)
}
