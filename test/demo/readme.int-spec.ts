import 'reflect-metadata'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { ServerProcess } from '../support/server-process.js'

const ROOT = resolve(import.meta.dirname, '../..')
const WEBHOOK_DEADLINE_MS = 10_000
const bash = promisify(execFile)

let server: ServerProcess

beforeAll(async () => {
  server = await ServerProcess.start({ command: 'dev', config: resolve(ROOT, 'langgraph.json') })
})
afterAll(() => server.stop())

/** The commands of the README, as they would be pasted one after the other, without the filter for which jq is needed. */
function pastedCommands(): string[] {
  const readme = readFileSync(resolve(ROOT, 'README.md'), 'utf8')
  const blocks = [...readme.matchAll(/^```bash\n([^]*?)^```$/gm)].map(([, block = '']) => block)
  return blocks.map((block) => block.replace(/ \| jq .*/, '').replaceAll('http://127.0.0.1:8123', server.url))
}

async function paste(...commands: string[]): Promise<string> {
  const { stdout } = await bash('bash', ['-euc', commands.join('\necho ----\n')])
  return stdout
}

it('works as pasted: an assistant, a thread, a streamed run, and its webhook at the inspector', async () => {
  const [search = '', create = '', run = '', list = ''] = pastedCommands()
  const [assistants = '', thread = '', stream = ''] = (await paste(search, create, run)).split('----\n')
  const threadId = thread.trim()
  expect(JSON.parse(assistants)).toMatchObject([{ graph_id: 'agent', config: {} }])
  expect(stream).toMatch(/^event: metadata$/m)
  expect(stream).toContain('You said: Hello! Tell me more!')
  await vi.waitFor(async () => {
    const { requests } = JSON.parse(await paste(list)) as { requests: { body: string }[] }
    const bodies = requests.map(({ body }) => JSON.parse(body) as unknown)
    expect(bodies).toMatchObject([{ thread_id: threadId, status: 'success' }])
  }, WEBHOOK_DEADLINE_MS)
})
