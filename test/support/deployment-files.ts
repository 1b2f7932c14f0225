import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'

const ROOT = resolve(import.meta.dirname, '../..')
const KUBERNETES = resolve(ROOT, 'deploy/kubernetes')

/** Stands in for what an operator sets in `.env`. */
const PASSWORDS: Readonly<Record<string, string>> = { POSTGRES_PASSWORD: 'one', REDIS_PASSWORD: 'two' }

/** A process of ours that a file starts. */
export interface DeployedProcess {
  /** The file, and the name in it. */
  readonly where: string
  /** What follows `signalbox` on the command line. */
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly image: string
  /** From the order to stop until the kill, without the pause before the signal; null: as whoever runs it pleases. */
  readonly stopMs: number | null
  /** Paths that are asked for the process's health. */
  readonly probes: readonly string[]
}

type Json = Record<string, unknown>

/** The text of a file of the repository. */
export function deployedFile(path: string): string {
  return readFileSync(resolve(ROOT, path), 'utf8')
}

/** The variables that an example of an environment file sets. */
export function environmentOf(path: string): Record<string, string> {
  const lines = deployedFile(path)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(lines.map((line) => [line.split('=', 1)[0]!, line.slice(line.indexOf('=') + 1)]))
}

/** Variables of `compose.yaml` that must be set by whoever uses it. */
export function requiredByCompose(): string[] {
  return [...new Set([...deployedFile('compose.yaml').matchAll(/\$\{(\w+):\?/g)].map(([, name]) => name!))]
}

interface ComposeService {
  readonly image: string
  readonly command?: string[]
  readonly environment?: Record<string, string | number>
  readonly env_file?: string
  readonly stop_grace_period?: string
  readonly healthcheck?: { readonly test?: readonly string[] }
}

/** The processes of `compose.yaml` that are of our image, with the environment of its example. */
export function composeProcesses(): DeployedProcess[] {
  const text = deployedFile('compose.yaml').replaceAll(/\$\{(\w+):\?[^}]*\}/g, (_, name: string) => PASSWORDS[name]!)
  const { services } = parse(text, { merge: true }) as { services: Record<string, ComposeService> }
  const ours = Object.entries(services).filter(([, { image }]) => image === 'signalbox')
  return ours.map(([name, service]) => ({
    where: `compose.yaml: ${name}`,
    args: service.command ?? [],
    environment: {
      ...environmentOf('deploy/compose.env.example'),
      ...texts(service.environment ?? {}),
    },
    image: service.image,
    stopMs: service.stop_grace_period === undefined ? null : seconds(service.stop_grace_period),
    probes: [...(service.healthcheck?.test ?? []).join(' ').matchAll(/http:\/\/[^/'"]+(\/[\w/]+)/g)].map(
      ([, path]) => path!,
    ),
  }))
}

/** Every document of `deploy/kubernetes`, by kind and name. */
export function manifests(): Map<string, Json> {
  const files = readdirSync(KUBERNETES).filter((name) => name.endsWith('.yaml') && name !== 'secret.yaml')
  const documents = files.flatMap((name) => parseAllDocuments(readFileSync(resolve(KUBERNETES, name), 'utf8')))
  return new Map(
    documents.map((document) => {
      if (document.errors[0]) throw document.errors[0]
      const json = document.toJS() as { kind: string; metadata: { name: string } }
      return [`${json.kind} ${json.metadata.name}`, json]
    }),
  )
}

interface Container {
  readonly image: string
  readonly args: string[]
  readonly lifecycle?: { readonly preStop: { readonly exec: { readonly command: readonly string[] } } }
  readonly envFrom: readonly Record<string, { readonly name: string }>[]
  readonly [probe: `${string}Probe`]: { readonly httpGet: { readonly path: string } }
}

interface PodSpec {
  readonly terminationGracePeriodSeconds?: number
  readonly containers: readonly [Container]
}

/** The processes that the manifests start. */
export function kubernetesProcesses(): DeployedProcess[] {
  const all = manifests()
  const made = [...all].filter(([, { kind }]) => kind === 'Deployment' || kind === 'Job')
  return made.map(([where, manifest]) => {
    const { spec } = (manifest['spec'] as { template: { spec: PodSpec } }).template
    const [container] = spec.containers
    const grace = spec.terminationGracePeriodSeconds
    const probes = Object.entries(container).filter(([key]) => key.endsWith('Probe'))
    return {
      where,
      args: container.args,
      environment: Object.assign({}, ...container.envFrom.map((source) => valuesOf(source, all))) as Record<
        string,
        string
      >,
      image: container.image,
      stopMs: grace === undefined ? null : grace * 1_000 - preStopMs(container),
      probes: probes.map(([, probe]) => (probe as Container[`${string}Probe`]).httpGet.path),
    }
  })
}

function valuesOf(source: Container['envFrom'][number], all: ReadonlyMap<string, Json>): Record<string, string> {
  const [[reference, { name }]] = Object.entries(source) as [[string, { name: string }]]
  const found = all.get(`${reference === 'secretRef' ? 'Secret' : 'ConfigMap'} ${name}`)
  if (!found) throw new Error(`there is no ${reference} ${name}`)
  return (found['stringData'] ?? found['data']) as Record<string, string>
}

function preStopMs({ lifecycle }: Container): number {
  const [program, pause] = lifecycle?.preStop.exec.command ?? ['sleep', '0']
  if (program !== 'sleep') throw new Error(`how long does ${program} take?`)
  return Number(pause) * 1_000
}

function seconds(text: string): number {
  const found = /^(\d+)s$/.exec(text)
  if (!found) throw new Error(`${text} is not a number of seconds`)
  return Number(found[1]) * 1_000
}

function texts(values: Readonly<Record<string, string | number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]))
}
