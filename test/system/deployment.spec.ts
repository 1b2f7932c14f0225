import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { examineSettings, PROCESS_ROLES } from '#config'
import { type Commands, createProgram, type ServeOptions } from '../../apps/cli/program.js'
import {
  composeProcesses,
  deployedFile,
  environmentOf,
  kubernetesProcesses,
  manifests,
  requiredByCompose,
} from '../support/deployment-files.js'

const ROOT = resolve(import.meta.dirname, '../..')
const { bin, engines, devDependencies } = JSON.parse(deployedFile('package.json')) as {
  bin: Record<string, string>
  engines: { node: string }
  devDependencies: Record<string, string>
}
const processes = [...composeProcesses(), ...kubernetesProcesses()]
const dockerfile = deployedFile('Dockerfile')

/** What a stop may take besides its grace: five steps that are given 5 s beyond what they were given. */
const STEPS_MS = 25_000

/** What the command line makes of it. @throws CommanderError for what it does not know. */
async function parsed(args: readonly string[]): Promise<{ command: string; role: string | undefined }> {
  let seen: { command: string; role: string | undefined } = { command: '', role: undefined }
  const note = (command: string) => (options: object) => {
    seen = { command, role: (options as ServeOptions).role }
    return Promise.resolve()
  }
  const names = ['dev', 'start', 'check', 'migrate', 'listen'] as const
  const program = createProgram(Object.fromEntries(names.map((name) => [name, note(name)])) as unknown as Commands)
  for (const command of [program, ...program.commands]) command.exitOverride().configureOutput({ writeErr: () => {} })
  await program.parseAsync(['node', 'signalbox', ...args])
  return seen
}

describe.each(processes)('$where', ({ args, environment, image, stopMs }) => {
  it('is started by a command that there is, in a role that there is', async () => {
    const { command, role } = await parsed(args)
    expect(['start', 'migrate']).toContain(command)
    if (command === 'start') expect(PROCESS_ROLES).toContain(role)
  })

  it('has settings without a fault, and variables that are read', async () => {
    const { role } = await parsed(args)
    const request = { mode: 'start', configFile: resolve(ROOT, 'langgraph.json'), environment, role } as const
    const { faults, warnings, settings } = examineSettings(request)
    expect(faults).toEqual([])
    expect(warnings.filter((warning) => /not a known variable|not used/.test(warning))).toEqual([])
    expect(settings).toMatchObject({ database: { kind: 'postgres' }, redis: { uri: expect.any(String) as string } })
    expect(settings.runs.leaseMs).toBeGreaterThan(0)
  })

  it('is killed no sooner than its stop may take', async () => {
    const { command } = await parsed(args)
    const request = { mode: 'start', configFile: resolve(ROOT, 'langgraph.json'), environment } as const
    const { runs, webhooks } = examineSettings(request).settings
    const mostMs = runs.graceMs + Math.min(runs.graceMs, webhooks.timeoutMs) + STEPS_MS
    if (command === 'start') expect(stopMs).toBeGreaterThanOrEqual(mostMs)
  })

  it('is of an image that is named without a registry', () => expect(image).toMatch(/^[a-z]+(:[\w.]+)?$/))
})

it('starts what it should: both roles and the migration, in either way', async () => {
  const roles = await Promise.all(processes.map(({ args }) => parsed(args)))
  const named = roles.map(({ command, role }) => role ?? command)
  expect(named.toSorted()).toEqual(['api', 'api', 'migrate', 'migrate', 'worker', 'worker'])
})

it('names every variable that compose.yaml requires in the example of its environment', () => {
  expect(Object.keys(environmentOf('deploy/compose.env.example'))).toEqual(expect.arrayContaining(requiredByCompose()))
})

describe('the manifests', () => {
  const all = manifests()

  it.each([...all.values()].filter(({ kind }) => kind === 'Service' || kind === 'PodDisruptionBudget'))(
    'select pods that there are: $kind',
    ({ spec }) => {
      const { selector } = spec as { selector: Record<string, unknown> }
      const wanted = selector['matchLabels'] ?? selector
      const labels = [...all.values()].flatMap((manifest) => {
        const { template } = (manifest['spec'] ?? {}) as { template?: { metadata: { labels: object } } }
        return template ? [template.metadata.labels] : []
      })
      expect(labels).toContainEqual(wanted)
    },
  )

  it('roll out without taking a process away first', () => {
    for (const name of ['api', 'worker'])
      expect(all.get(`Deployment signalbox-${name}`)).toMatchObject({
        spec: { strategy: { rollingUpdate: { maxUnavailable: 0 } } },
      })
  })

  it('let no variable of a service in, and no root', () => {
    const pods = ['Deployment signalbox-api', 'Deployment signalbox-worker', 'Job signalbox-migrate']
    for (const name of pods)
      expect(all.get(name)).toMatchObject({
        spec: {
          template: { spec: { enableServiceLinks: false, securityContext: { runAsNonRoot: true, runAsUser: 1000 } } },
        },
      })
  })
})

describe('the Dockerfile', () => {
  const instruction = (name: string) =>
    [...dockerfile.matchAll(new RegExp(`^${name} (.*)$`, 'gm'))].map(([, at]) => at!)

  it('runs our command as somebody who is not root, and stops it by the signal that it hears', () => {
    expect(Object.keys(bin)).toEqual(['signalbox'])
    expect(instruction('ENTRYPOINT')).toEqual(['["/app/node_modules/.bin/signalbox"]'])
    expect(instruction('CMD')).toEqual(['["start"]'])
    expect(instruction('USER')).toEqual(['1000:1000'])
    expect(instruction('STOPSIGNAL')).toEqual(['SIGTERM'])
  })

  it('takes the Node and the LangGraph that this repository is tested with', () => {
    expect(instruction('ARG')).toEqual(['NODE_VERSION=20'])
    expect(engines.node).toBe('>=20.19')
    for (const name of ['@langchain/langgraph', '@langchain/core'])
      expect(dockerfile).toContain(`${name}@${devDependencies[name]}`)
  })

  it('sets variables that are read', () => {
    const environment = Object.fromEntries(
      [...dockerfile.matchAll(/(SIGNALBOX_\w+)=(\S+)/g)].map(([, name, value]) => [name!, value!]),
    )
    const request = { mode: 'start', configFile: resolve(ROOT, 'langgraph.json'), environment } as const
    const { faults, warnings, settings } = examineSettings(request)
    expect([...faults, ...warnings.filter((warning) => warning.includes('variable'))]).toEqual([])
    expect(instruction('EXPOSE')).toEqual([String(settings.http.port)])
  })

  it('copies what there is, and no secrets', () => {
    const sources = instruction('COPY')
      .filter((from) => !from.startsWith('--from'))
      .flatMap((line) => line.split(' ').slice(0, -1))
      .filter((word) => !word.startsWith('--'))
    expect(sources.filter((path) => !existsSync(resolve(ROOT, path)))).toEqual([])
    expect(deployedFile('.dockerignore').split('\n')).toContain('**/.env*')
  })
})
