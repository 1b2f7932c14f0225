import { existsSync } from 'node:fs'
import { readSigningSecrets } from '#config'
import { startRefused } from '#kernel'
import { portOf } from '../../server/port-option.js'
import { tellStartFault } from '../../server/start-faults.js'
import { stopBySignal } from '../../server/stop-requests.js'
import type { ListenOptions } from '../program.js'
import { Forwarder } from './forwarder.js'
import { renderJson, renderText } from './render-webhook.js'
import { WebhookListener } from './webhook-listener.js'

const DEFAULT_PORT = 8124

/** `signalbox listen`: prints each webhook as it arrives, and passes it on with `--forward-to`. */
export async function listen(options: ListenOptions): Promise<void> {
  try {
    const listener = new WebhookListener({
      secrets: readSigningSecrets(existsSync(options.config) ? options.config : null, process.env),
      forwarder: options.forwardTo === undefined ? null : new Forwarder(targetOf(options.forwardTo)),
      now: () => new Date(),
      onWebhook: (webhook) => process.stdout.write(options.json ? renderJson(webhook) : renderText(webhook)),
    })
    const url = await open(listener, requirePort(options.port), options.host ?? '127.0.0.1')
    process.stderr.write(greeting(url, options.forwardTo))
    await stopBySignal()
    await listener.close()
  } catch (error) {
    tellStartFault(error)
    process.exitCode = 1
  }
}

async function open(listener: WebhookListener, port: number, host: string): Promise<string> {
  try {
    return await listener.listen(port, host)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') throw startRefused(`Port ${port} of ${host} is taken. Choose another one with --port.`)
    throw startRefused(`Cannot listen on ${host}:${port} (${code ?? 'unknown'}). Correct --host or --port.`)
  }
}

/** @throws AppError `start_refused` naming the option. */
function requirePort(text: string | undefined): number {
  const port = portOf(text) ?? DEFAULT_PORT
  if (port >= 0 && port <= 65_535) return port
  throw startRefused('--port must be a number from 0 to 65535')
}

/** @throws AppError `start_refused` naming the option. */
function targetOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return url
  throw startRefused('--forward-to must be an http(s) URL without a user name, for example http://localhost:3000/hook')
}

/** On standard error: standard output has nothing but webhooks. */
function greeting(url: string, forwardTo: string | undefined): string {
  const forwarding = forwardTo === undefined ? '' : `forwarding to ${withoutQuery(new URL(forwardTo))}\n`
  return `listening: give ${url}/ (any path) as "webhook"; Ctrl-C ends\n${forwarding}\n`
}

/** A query may hold a token; an origin alone takes the path of each webhook. */
function withoutQuery({ origin, pathname }: URL): string {
  return pathname === '/' ? origin : origin + pathname
}
