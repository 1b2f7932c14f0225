import 'reflect-metadata'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@langchain/langgraph-sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPool } from '#database'
import { JsonLogger } from '#kernel'
import {
  type Certificate,
  CertificateAuthority,
  ConnectProxy,
  freshDatabase,
  SecureReceiver,
  type TestDatabaseSettings,
} from '#testing'
import { ServerProcess } from '../support/server-process.js'

const NAMES = ['localhost', '127.0.0.1']
const LONG_AGO = new Date('2021-01-01T00:00:00Z')

interface DeliveryRow {
  readonly url: string
  readonly status: string
  readonly attempts: number
  readonly last_error_code: string | null
}

describe('the certificates of receivers, with an authority of one’s own in NODE_EXTRA_CA_CERTS', () => {
  const own = new CertificateAuthority()
  const CERTIFICATES: Record<string, Certificate> = {
    good: own.issue({ names: NAMES }),
    expired: own.issue({ names: NAMES, notAfter: LONG_AGO }),
    'of another name': own.issue({ names: ['other.example.com'] }),
    'self-signed': CertificateAuthority.selfSigned({ names: NAMES }),
    'of an unknown authority': new CertificateAuthority().issue({ names: NAMES }),
  }
  const receivers: Record<string, SecureReceiver> = {}
  let fresh: TestDatabaseSettings
  let proxy: ConnectProxy
  let rows: DeliveryRow[]

  /** Ends a run for each receiver and waits until each was tried three times; the good one gets two runs and a path. */
  beforeAll(async () => {
    fresh = await freshDatabase()
    for (const [name, certificate] of Object.entries(CERTIFICATES)) {
      receivers[name] = await SecureReceiver.start(certificate)
    }
    proxy = await ConnectProxy.start({ tls: own.issue({ names: ['localhost'] }) })
    await sendAll(direct, Object.keys(CERTIFICATES))
    await sendAll(proxied, ['good', 'of another name'])
    rows = await deliveries()
  })
  afterAll(async () => {
    for (const receiver of Object.values(receivers)) await receiver.close()
    await proxy.close()
    await fresh.remove()
  })

  const urlOf = (name: string, path: string) => `https://localhost:${receivers[name]?.port}${path}`
  const direct = () => ({ path: '/direct', environment: {} })
  const proxied = () => ({
    path: '/proxied',
    environment: { SIGNALBOX_WEBHOOK_PROXY: `https://user:pass@localhost:${proxy.port}` },
  })

  async function sendAll(how: typeof direct, names: string[]): Promise<void> {
    const { path, environment } = how()
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-ca-'))
    writeFileSync(join(folder, 'ca.pem'), own.cert)
    const server = await ServerProcess.start({
      database: fresh.settings,
      environment: {
        NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
        SIGNALBOX_WEBHOOK_ALLOW_HOSTS: 'localhost',
        SIGNALBOX_WEBHOOK_RETRY_SCHEDULE: '50ms,50ms',
        ...environment,
      },
    })
    const client = new Client({ apiUrl: server.url, callerOptions: { maxRetries: 0 } })
    const before = Object.fromEntries(names.map((name) => [name, triesOf(name)]))
    for (const name of names) {
      await client.runs.wait(null, 'echo', { input: {}, webhook: urlOf(name, path) })
    }
    await settled(names, before)
    await server.stop()
  }

  /** Resolves once each bad one was tried three times and the good one has its request; `stop` waits for the answers. */
  async function settled(names: string[], before: Record<string, number>): Promise<void> {
    const deadline = Date.now() + 20_000
    const missing = () => names.filter((name) => triesOf(name) < (before[name] ?? 0) + (name === 'good' ? 1 : 3))
    while (missing().length > 0) {
      if (Date.now() > deadline) throw new Error(`not tried often enough: ${missing().join()}`)
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }

  function triesOf(name: string): number {
    const receiver = receivers[name]
    return (name === 'good' ? receiver?.requests.length : receiver?.connections) ?? 0
  }

  async function deliveries(): Promise<DeliveryRow[]> {
    const pool = await openPool(fresh.settings, JsonLogger.create('silent'))
    try {
      const sql = 'SELECT url, status, attempts, last_error_code FROM webhook_deliveries'
      return (await pool.query<DeliveryRow>(sql)).rows
    } finally {
      await pool.end()
    }
  }

  const rowOf = (name: string, path: string) => rows.find(({ url }) => url === urlOf(name, path))

  it('a good one is delivered to, under the name of the URL', () => {
    expect(rowOf('good', '/direct')).toMatchObject({ status: 'delivered', attempts: 1, last_error_code: null })
    const host = `localhost:${receivers['good']?.port}`
    expect(receivers['good']?.requests[0]).toMatchObject({ serverName: 'localhost', host })
  })

  it.each(['expired', 'of another name', 'self-signed', 'of an unknown authority'])(
    'one %s is a failed attempt each time, and nothing is sent',
    (name) => {
      expect(rowOf(name, '/direct')).toMatchObject({ status: 'dead', attempts: 3, last_error_code: 'tls' })
      expect(receivers[name]?.requests).toEqual([])
      expect(receivers[name]?.connections).toBeGreaterThanOrEqual(3)
    },
  )

  it('is judged inside a tunnel too: the proxy sees an address, the receiver the name', () => {
    expect(rowOf('good', '/proxied')).toMatchObject({ status: 'delivered', attempts: 1 })
    expect(rowOf('of another name', '/proxied')).toMatchObject({ status: 'dead', attempts: 3, last_error_code: 'tls' })
    expect(receivers['good']?.requests[1]).toMatchObject({ serverName: 'localhost' })
    const authorization = `Basic ${Buffer.from('user:pass').toString('base64')}`
    expect(proxy.asked.length).toBeGreaterThanOrEqual(4)
    for (const asked of proxy.asked) {
      expect(asked).toMatchObject({ authorization })
      expect(asked.authority).toMatch(/^(127\.0\.0\.1|\[::1\]):\d+$/)
    }
  })
})
